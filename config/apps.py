from django.apps import AppConfig


class HeadwayConfig(AppConfig):
    name = "config"
