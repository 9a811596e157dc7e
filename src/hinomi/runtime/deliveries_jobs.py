"""What the hub runs for the exchange: packages fetched, packages sent, subscribers told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from hinomi.kernel.marking import ANONYMOUS, Principal
from hinomi.runtime import clock, policy
from hinomi.runtime.config import Config
from hinomi.runtime.desk import LocalDesk
from hinomi.runtime.outages import Outages

Job = Callable[[threading.Event], None]


def exchange_jobs(desk: LocalDesk, config: Config, data: Path) -> dict[str, Job]:
    """Return the jobs that the configuration asks for, by name."""

    def principal(name: str) -> Principal:
        from hinomi.runtime.keys import Keys  # noqa: PLC0415

        return Keys(data).named(name) if name else ANONYMOUS

    # Imported within: who exchanges nothing loads no HTTP client.
    def pull(stop: threading.Event) -> None:
        from hinomi.runtime.deliveries_in import Pulls  # noqa: PLC0415

        told = Outages(desk.writer).pull
        Pulls(config.pulls, desk.intake.take, data, tell=told).run(stop)

    def deliver(stop: threading.Event) -> None:
        from hinomi.runtime.deliveries import Deliveries  # noqa: PLC0415

        Deliveries(
            desk.store,
            desk.catalog,
            config.deliveries,
            config.sender,
            path=data / "deliveries.json",
            principal=principal,
            publish=desk.publish,
            policy=lambda: policy.of(data),
            tell=Outages(desk.writer).delivery,
        ).run(stop)

    def tell(stop: threading.Event) -> None:
        from hinomi.runtime.websub import Subscriptions  # noqa: PLC0415

        kept = Subscriptions(data / "websub.db")
        try:
            while not (kept.waiting(clock.now()) or kept.active()):
                if stop.wait(1.0):
                    return
            from hinomi.runtime.websub.hub import Hub  # noqa: PLC0415

            Hub(
                desk.store,
                desk.catalog,
                kept,
                principal,
                sender=config.sender,
                publish=desk.publish,
                policy=lambda: policy.of(data),
            ).run(stop)
        finally:
            kept.close()

    jobs: dict[str, Job] = {"websub": tell}
    if config.pulls:
        jobs["pulls"] = pull
    if config.deliveries:
        jobs["deliveries"] = deliver
    return jobs
