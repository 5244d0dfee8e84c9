"""Trains projects, and prints what came of them as JSON: python3 drive.py PROJECT... (see graduate.test.ts).

A folder without settings.json has the same fields twice, as xarray reads them and copied: these are compared.
"""

import csv
import json
import os
import sys

projects = [folder for folder in sys.argv[1:] if os.path.exists(os.path.join(folder, "settings.json"))]
# Every project has the same files, of which each has those that it needs.
sys.path[:0] = projects

import numpy as np
import train
from fields import open_fields
from images import cropped, shifted


def damaged(run):
    """What is said where the data read otherwise than they did in Isobar."""
    probes = getattr(getattr(run.data, "fields", None), "source", {}).get("probes")
    if not probes:
        return None
    probes[0]["mean"][0] += 10 * run.data.norm["std"][0]
    try:
        run.data.check()
    except ValueError as error:
        return str(error)


def crops():
    pixels = ((np.arange(3 * 20 * 24) * 7919) % 251).astype(np.uint8).reshape(3, 20, 24)
    return [[make(pixels, 5, drawn).flatten().tolist() for drawn in range(6)] for make in (shifted, cropped)]


def compared(folder):
    """Whether times and known values are the same, and the largest difference, relative to the largest value."""
    sources = [json.load(open(os.path.join(folder, name))) for name in ("copied.json", "read.json")]
    copied, read = (open_fields(source, folder) for source in sources)
    states = [[fields.state(record) for record in range(len(copied.times))] for fields in (copied, read)]
    a, b = np.array(states, np.float64)
    return {
        "times": copied.times.tolist() == read.times.tolist() and copied.steps.tolist() == read.steps.tolist(),
        "known": bool((np.isnan(a) == np.isnan(b)).all()),
        "off": float(np.nanmax(np.abs(a - b)) / np.nanmax(np.abs(a))),
    }


found = {}
with train.processes() as place:
    for project in projects:
        losses = os.path.join(project, "losses.csv")
        if place.rank == 0 and os.path.exists(losses):
            os.remove(losses)
        out = os.path.join(project, f"trained-{place.world}.safetensors")
        run = train.train(train.options_of(["--project", project, "--out", out, "--validate-every", "5"]), place)
        if place.rank == 0:
            with open(losses) as file:
                rows = list(csv.DictReader(file))
            found[os.path.basename(project)] = {
                "steps": [int(row["step"]) for row in rows],
                "losses": [float(row["loss"]) for row in rows],
                "validated": [bool(row["validationLoss"]) for row in rows],
                "prediction": run.predict("test", 0).flatten().tolist(),
                "parts": {name: part.tolist() for name, part in run.data.parts.items()},
                "damaged": damaged(run),
            }
    if place.rank == 0:
        fields = {os.path.basename(folder): compared(folder) for folder in sys.argv[1:] if folder not in projects}
        print("FOUND " + json.dumps({"projects": found, "crops": crops(), "fields": fields}))
