"""The routes of the resolver, for the application of a node."""

from typing import Final

from litestar.handlers import HTTPRouteHandler

from sogdia.interfaces.resolver import clone_routes, entrance, story_routes

DESCRIBED: Final[tuple[HTTPRouteHandler, ...]] = (
    story_routes.public_evidence,
    story_routes.story,
    clone_routes.clones,
)
"""Routes that stand in the node's own OpenAPI document."""
OF_GS1: Final[tuple[HTTPRouteHandler, ...]] = (entrance.resolve, entrance.description)
"""Routes that GS1's standards describe."""
