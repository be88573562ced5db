"""From pairs of short and long exposures to score tables, figures and a page: read top to bottom."""

from snakemake.utils import min_version

min_version("9.19")

if not config:

    configfile: f"{workflow.current_basedir}/config/quickstart.yaml"


pathvars:
    results=f"results/{config.get('study')}",


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/starts.smk"
include: "workflow/rules/paths.smk"
include: "workflow/rules/download.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/register.smk"
include: "workflow/rules/noise.smk"
include: "workflow/rules/sparse.smk"
include: "workflow/rules/project.smk"
include: "workflow/rules/sharp.smk"
include: "workflow/rules/patches.smk"
include: "workflow/rules/noise_models.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/validate.smk"
include: "workflow/rules/predict.smk"
include: "workflow/rules/channels.smk"
include: "workflow/rules/baselines.smk"
include: "workflow/rules/outside.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/calibrate.smk"
include: "workflow/rules/residuals.smk"
include: "workflow/rules/controls.smk"
include: "workflow/rules/segment.smk"
include: "workflow/rules/statistics.smk"
include: "workflow/rules/thin.smk"
include: "workflow/rules/dose.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/looks.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/provenance.smk"


onstart:
    # Snakemake looks for jobs to start when one ends, and once a second more for each that has ended.
    # Hundreds of jobs make that a good part of a core, and on one machine it finds nothing new. What
    # is not Snakemake's default was asked for.
    limit = workflow.scheduling_settings.max_jobs_per_timespan
    if workflow.local_exec and limit and (limit.max_jobs, limit.timespan) == (100, 1):
        workflow.scheduler.job_rate_limiter = None
    fork_jobs()


onsuccess:
    print(*left_unfinished(), *ending.succeeded(RESULTS), sep="\n", flush=True)


onerror:
    print(*left_unfinished(), *ending.failed(map(Path, log)), sep="\n", flush=True)


rule all:
    default_target: True
    input:
        all_figures,
        all_tables,
        "<results>/report.html",
        "<results>/ro-crate-metadata.json",
    localrule: True
