"""Files that microscopes' programs write, as small ones."""

import tifffile

_ROOT = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="{own}">{rest}</OME>'
)


def write_set(folder, frames, *, binary_only=False):
    """Write a movie as two OME-TIFFs that name each other, each with half of the frames."""
    names = ["part0.ome.tif", "part1.ome.tif"]
    uuids = [f"urn:uuid:00000000-0000-4000-8000-00000000000{number}" for number in (0, 1)]
    half, (height, width) = len(frames) // 2, frames.shape[1:]
    planes = "".join(
        f'<TiffData FirstT="{half * part + n}" IFD="{n}" PlaneCount="1">'
        f'<UUID FileName="{names[part]}">{uuids[part]}</UUID></TiffData>'
        for part in (0, 1)
        for n in range(half)
    )
    whole = (
        '<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint16" '
        f'SizeX="{width}" SizeY="{height}" SizeZ="1" SizeC="1" SizeT="{len(frames)}" '
        'PhysicalSizeX="65" PhysicalSizeXUnit="nm" PhysicalSizeY="65" PhysicalSizeYUnit="nm">'
        f'<Channel ID="Channel:0:0" SamplesPerPixel="1"/>{planes}</Pixels></Image>'
    )
    for part, name in enumerate(names):
        rest = whole
        if part and binary_only:
            rest = f'<BinaryOnly MetadataFile="{names[0]}" UUID="{uuids[0]}"/>'
        with tifffile.TiffWriter(folder / name) as tiff:
            for n, frame in enumerate(frames[half * part : half * (part + 1)]):
                text = _ROOT.format(own=uuids[part], rest=rest) if n == 0 else None
                tiff.write(
                    *(frame,),
                    **{"description": text, "metadata": None, "contiguous": False},
                    photometric="minisblack",
                )
    return [folder / name for name in names]


def write_positions(path, frames):
    """Write frames of two stage positions in turn, as an OME-TIFF of two images."""
    image = (
        '<Image ID="Image:{n}" Name="{name}"><Pixels ID="Pixels:{n}" DimensionOrder="XYCZT" '
        'Type="uint16" SizeX="{w}" SizeY="{h}" SizeC="1" SizeT="{t}" SizeZ="1">'
        '<Channel ID="Channel:{n}:0"/>{planes}</Pixels></Image>'
    )
    t, (height, width) = len(frames) // 2, frames.shape[1:]
    images = "".join(
        image.format(
            **{"n": n, "name": name, "w": width, "h": height, "t": t},
            planes="".join(
                f'<TiffData FirstT="{k}" IFD="{2 * k + n}" PlaneCount="1"/>' for k in range(t)
            ),
        )
        for n, name in enumerate(("left", "right"))
    )
    text = _ROOT.format(own="urn:uuid:00000000-0000-4000-8000-000000000000", rest=images)
    options = {"description": text, "metadata": None, "photometric": "minisblack"}
    tifffile.imwrite(path, frames, **options)
