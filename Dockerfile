# denoisekit with all that studies need, at the tested versions: docs/container.md tells how to use it.
FROM python:3.11-slim

# Whoever the container runs as has no entry in its list of users and no home of their own.
ENV HOME=/tmp USER=denoisekit

WORKDIR /opt/denoisekit
COPY requirements.txt ./
ARG PIP_EXTRA_INDEX_URL=
RUN pip install --no-cache-dir -r requirements.txt
COPY LICENSE README.md Snakefile pyproject.toml setup.py ./
COPY config config
COPY envs envs
COPY profiles profiles
COPY src src
COPY workflow workflow
RUN pip install --no-cache-dir --no-deps --no-build-isolation .

USER 1000:1000
WORKDIR /data
ENTRYPOINT ["denoisekit"]
CMD ["--help"]
