from django.urls import path

from simplr.sharing.views import (
    comparisons,
    data,
    dictionary,
    grants,
    quality,
    quarantine,
    received,
    recipes,
    releases,
    requests,
)

app_name = "sharing"
urlpatterns = [
    path("datasets/<uuid:dataset>/rows", data.rows, name="rows"),
    path("datasets/<uuid:dataset>/profile", data.profile, name="profile"),
    path("datasets/<uuid:dataset>/quality", quality.quality, name="quality"),
    path("datasets/<uuid:dataset>/quarantine", quarantine.quarantine, name="quarantine"),
    path("datasets/<uuid:dataset>/quarantine/mend", quarantine.mend, name="quarantine-mend"),
    path("datasets/<uuid:dataset>/dictionary", dictionary.dictionary, name="dictionary"),
    path("datasets/<uuid:dataset>/recipe", recipes.recipe, name="recipe"),
    path("datasets/<uuid:dataset>/compare", comparisons.compare, name="compare"),
    path("datasets/<uuid:dataset>/access", grants.access, name="access"),
    path("datasets/<uuid:dataset>/releases", releases.list_, name="releases"),
    path("datasets/<uuid:dataset>/releases/make", releases.make, name="release-make"),
    path("datasets/<uuid:dataset>/releases/preview", releases.preview, name="release-preview"),
    path("releases/<uuid:release>", releases.release, name="release"),
    path("releases/<uuid:release>/accept", releases.accept, name="release-accept"),
    path("releases/<uuid:release>/end", releases.end, name="release-end"),
    path("grant/<uuid:node>", grants.grant, name="grant"),
    path("grant/<uuid:node>/sentence", grants.sentence, name="grant-sentence"),
    path("grants/<uuid:grant>/revoke", grants.revoke, name="grant-revoke"),
    path("why/<uuid:node>", grants.why, name="why"),
    path("ask/<uuid:node>", requests.ask, name="ask"),
    path("requests", requests.list_, name="requests"),
    path("requests/<uuid:access_request>", requests.one, name="request"),
    path("requests/<uuid:access_request>/withdraw", requests.withdraw, name="request-withdraw"),
    path("received", received.list_, name="received"),
    path("received/<uuid:share>", received.one, name="received-one"),
]
