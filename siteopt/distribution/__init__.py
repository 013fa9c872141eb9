"""Independent tasks on the threads of this machine, or on the workers of a Dask cluster."""

from siteopt.distribution.cluster_executor import ClusterExecutor
from siteopt.distribution.connection import ADDRESS, cluster, executor, on_scheduler
from siteopt.distribution.ordering import in_order
from siteopt.distribution.parallel import TASKS_AHEAD, parallel_map

__all__ = [
    "ADDRESS", "TASKS_AHEAD", "ClusterExecutor", "cluster", "executor", "in_order", "on_scheduler",
    "parallel_map",
]  # fmt: skip
