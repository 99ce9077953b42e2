"""Counts events on a Spark cluster of two workers while an executor is killed: `python -m fakes.spark_counting FOLDER`.

Prints the digests of the rows as JSON, and what was killed when.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import ibis
from pyspark.sql import SparkSession

from leastwise.app.scaling import declared, digest
from leastwise.model.tables.usage import SIGHTINGS, USAGE
from leastwise.usage.aggregation import sightings_of, usage_of

SETTINGS = {
    "spark.executor.memory": "512m", "spark.driver.memory": "1g", "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "8", "spark.sql.files.maxPartitionBytes": "64k",
    "spark.sql.files.openCostInBytes": "0", "spark.sql.adaptive.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}  # fmt: skip


def executors(application: str) -> list[int]:
    """The processes of this application's executors."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            words = (place / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue  # it ended meanwhile
        if any(one.endswith("CoarseGrainedExecutorBackend") for one in words) and application in words:
            found.append(int(place.name))
    return sorted(found)


def running(context: Any) -> tuple[int, int]:
    """Of the stages at work: tasks that are done, and tasks in all."""
    tracker = context.statusTracker()
    told = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
    return sum(one.numCompletedTasks for one in told if one), sum(one.numTasks for one in told if one)


def main() -> None:
    """Kills one of two executors while the first table is counted."""
    made = SparkSession.builder.master("local-cluster[2,1,1024]").appName("leastwise test")
    for name, value in SETTINGS.items():
        made = made.config(name, value)
    session = made.getOrCreate()
    context = session.sparkContext
    session.read.parquet(sys.argv[1]).createOrReplaceTempView("events")
    backend = ibis.pyspark.connect(session)
    events = backend.table("events")
    told: dict[str, Any] = {}
    worker = threading.Thread(
        target=lambda: told.update(usage=digest(declared(USAGE, backend.to_pyarrow(usage_of(events)))))
    )
    worker.start()
    while worker.is_alive():
        done, tasks = running(context)
        before = executors(context.applicationId)
        if done >= 2 and tasks - done >= 4 and len(before) == 2:
            os.kill(before[0], signal.SIGKILL)
            told |= {"killed": before[0], "executors": before, "done": done, "tasks": tasks}
            break
        time.sleep(0.02)
    worker.join()
    told["sightings"] = digest(declared(SIGHTINGS, backend.to_pyarrow(sightings_of(events))))
    told["left"] = executors(context.applicationId)
    session.stop()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
