from django.apps import AppConfig

from config import celery  # noqa: F401 - what a page queues goes to our own Redis


class HeadwayConfig(AppConfig):
    name = "config"
