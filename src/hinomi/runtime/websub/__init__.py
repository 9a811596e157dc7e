"""WebSub (W3C Recommendation 2018-01-23): a hub for the packages that this node publishes."""

from hinomi.runtime.websub.subscriptions import Asked, Subscription, Subscriptions
from hinomi.runtime.websub.topics import Topic, topic_of

__all__ = ["Asked", "Subscription", "Subscriptions", "Topic", "topic_of"]
