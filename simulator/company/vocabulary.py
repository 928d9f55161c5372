"""The words of the field, by domain: what teams are called, build, and promise."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Domain:
    """One kind of team: ``things`` are what tickets touch, ``promises`` what deliverables are about."""

    name: str
    short: str
    group: str
    repositories: tuple[str, ...]
    things: tuple[str, ...]
    promises: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


ML, DATA = "machine-learning", "data-platform"

DOMAINS = (
    Domain(
        "Ranking & Personalization",
        "RANK",
        ML,
        ("ranking-service", "ranking-models"),
        _words(
            "candidate generator, re-ranker, user embeddings, click model, diversity rules, home-feed blend, position "
            "bias correction, feature logging, cold-start fallback, session encoder, offline replay, counterfactual log"
        ),
        _words(
            "Two-tower candidate retrieval, Session-aware home feed, Multi-objective ranking, Cold-start ranking, "
            "Real-time user embeddings, Ranking diversity controls, Calibrated click model, E-mail recommendations"
        ),
    ),
    Domain(
        "ML Platform",
        "MLP",
        ML,
        ("train-runner", "model-registry", "serving-gateway"),
        _words(
            "training launcher, GPU scheduler, model registry, serving gateway, autoscaler, artifact store, notebook "
            "images, experiment tracker, batch scorer, canary router, quota service, checkpoint store"
        ),
        _words(
            "GPU spot training, Self-service model serving, Model registry, Batch scoring, Autoscaled inference, "
            "Distributed checkpoints, Shared notebooks, Low-latency gateway"
        ),
    ),
    Domain(
        "Search & Retrieval",
        "SRCH",
        ML,
        ("search-api", "query-understanding"),
        _words(
            "query parser, spell corrector, vector index, synonym graph, relevance judgements, autocomplete, snippet "
            "builder, index builder, query classifier, hybrid scorer, facet counts, language detector"
        ),
        _words(
            "Hybrid vector search, Query understanding, Multilingual search, Typo-tolerant autocomplete, Passage "
            "retrieval for assistants, Fresh index in minutes, Relevance judgement loop, Semantic facets"
        ),
    ),
    Domain(
        "MLOps",
        "OPS",
        ML,
        ("model-monitor", "pipeline-ci"),
        _words(
            "drift detector, retraining pipeline, model CI, shadow deployment, alert routing, feature skew check, "
            "lineage graph, rollback job, evaluation harness, cost dashboard, model card generator, on-call runbook"
        ),
        _words(
            "Drift monitoring, Automatic retraining, Shadow deployments, One-click rollback, Model cards, "
            "Evaluation harness, GPU cost reporting, Training-serving skew checks"
        ),
    ),
    Domain(
        "Applied Research",
        "RES",
        ML,
        ("research-lab", "forecast-models"),
        _words(
            "demand forecaster, uplift model, churn model, prompt evaluation set, distilled encoder, anomaly model, "
            "price elasticity model, simulation study, retrieval benchmark, label guide, reward model, causal graph"
        ),
        _words(
            "Demand forecasting, Churn prediction, Uplift-based incentives, Small language model for support, "
            "Fraud anomaly detection, Price elasticity, Document understanding, Reward modelling"
        ),
    ),
    Domain(
        "Data Ingestion",
        "ING",
        DATA,
        ("ingest-connectors", "landing-zone"),
        _words(
            "CDC connector, landing zone, schema registry, dead-letter queue, partner feed, backfill job, file watcher, "
            "rate limiter, contract check, late-data handler, PII scrubber, replay tool"
        ),
        _words(
            "Change data capture, Partner feeds, Data contracts, Self-service connectors, PII scrubbing at the edge, "
            "Replayable landing zone, Billing events ingestion, Schema registry"
        ),
    ),
    Domain(
        "Warehouse & Analytics",
        "WH",
        DATA,
        ("warehouse-dbt", "metrics-layer"),
        _words(
            "orders mart, finance mart, metrics layer, dbt project, freshness check, cost guard, access policy, "
            "incremental model, dimension tables, semantic layer, report cache, data catalogue"
        ),
        _words(
            "Metrics layer, Finance mart, Warehouse cost guardrails, Column-level access, Data catalogue, Marketing "
            "attribution mart, Near-real-time orders mart, Report migration"
        ),
    ),
    Domain(
        "Feature Store",
        "FS",
        DATA,
        ("feature-store", "feature-sdk"),
        _words(
            "online store, offline store, point-in-time join, feature registry, TTL policy, backfill planner, Python "
            "SDK, streaming features, freshness SLO, access log, embedding store, materialisation job"
        ),
        _words(
            "Point-in-time joins, Online store, Streaming features, Feature registry, Embedding store, Feature "
            "freshness SLOs, Backfill planner, Feature SDK"
        ),
    ),
    Domain(
        "Streaming & Events",
        "STR",
        DATA,
        ("event-bus", "stream-jobs"),
        _words(
            "event bus, consumer group, Flink job, exactly-once sink, topic catalogue, compaction policy, lag alert, "
            "session windows, schema evolution check, tiered storage, dedupe filter, clickstream parser"
        ),
        _words(
            "Exactly-once payments stream, Tiered event storage, Clickstream, Topic catalogue, Real-time inventory "
            "events, Multi-region event bus, Stream processing on Flink, Event schema evolution"
        ),
    ),
)

# More teams than domains: the same crafts, each for one part of the business.
AREAS = _words(
    "Payments, Fraud, Pricing, Marketplace, Logistics, Support, Ads, Growth, Identity, Catalogue, Checkout, Fulfilment, "
    "Returns, Loyalty, Partners, Mobile, Notifications, Risk, Billing, Subscriptions, Content, Maps, Voice, Vision, "
    "Finance, Legal, Hiring, Sales, Energy, Inventory, Delivery, Travel, Media, Health"
)

FORMS = (
    "{} in production", "{} for new markets", "{}, first version", "{} at twice the traffic", "{} on the new stack",
    "{} for partners", "{}: quality and cost", "{} for mobile",
)  # fmt: skip
COSTS = _words(
    "a vendor's limits, an upstream schema, one more region, audit findings, a late data contract, GPU quota"
)

VERBS = {
    0: _words("Add, Support, Expose, Build, Roll out, Serve, Extend, Show"),
    1: _words("Set up, Migrate, Document, Wire, Move, Automate, Measure, Clean up"),
    2: _words("Fix wrong results in, Fix timeouts of, Stop duplicates in, Fix memory leak in, Fix flaky start of, Fix stale"),
    3: _words("Upgrade, Rotate credentials of, Remove dead code from, Tidy alerts of, Renew certificates for, Archive old"),
    4: _words("Try contrastive loss for, Test a smaller model for, Ablate features of, Compare losses for, Probe, "
              "Try distillation for, Tune negative sampling in, Evaluate pre-training for"),
    5: _words("Errors above SLO in, Outage of, Lag in, Wrong output from, Latency spike in"),
    6: _words("Write tests for, Review the schema of, Prepare the roll-out of"),
}  # fmt: skip
TAILS = (
    "", "", " behind a flag", " for the nightly run", " in staging", " for cold traffic", " with backfill",
    " on the largest tenant", " under peak load", " for new locales", " after the schema change", " with metrics",
    " for the audit", " in the EU region", " with retries", " per tenant", " on weekends", " for the v2 API",
)  # fmt: skip

REASONS = (
    "Asked for in the last planning.", "Found while reading the dashboards.", "Follows from the design review.",
    "The downstream team waits for it.", "Raised by support twice this month.", "Needed before the next roll-out step.",
)  # fmt: skip
CHECKS = (
    "Done when it runs in production for a week without a page.", "Done when the numbers match the reference set.",
    "Done when the dashboard shows it and the runbook is updated.", "Done when p95 stays below the agreed limit.",
    "Done when reviewed by a second team member and covered by a test.",
)  # fmt: skip
