"""Sensors' messages: taken in by MQTT, HTTP and webhooks, told on by MQTT."""
