from django.urls import path

from simplr.datasets import comment_views, version_views, views

app_name = "datasets"
urlpatterns = [
    path("datasets/<uuid:dataset>", views.dataset, name="dataset"),
    path("datasets/<uuid:dataset>/fields/<str:field>", views.field, name="field"),
    path("datasets/<uuid:dataset>/versions", views.versions, name="versions"),
    path("datasets/<uuid:dataset>/versions/<str:version>", version_views.version, name="version"),
    path(
        "datasets/<uuid:dataset>/versions/<str:version>/restore",
        version_views.restore,
        name="version-restore",
    ),
    path("datasets/<uuid:dataset>/ledger", views.ledger, name="ledger"),
    path("datasets/<uuid:dataset>/comments", comment_views.comments, name="comments"),
    path("comments/<uuid:comment>/edit", comment_views.comment_edit, name="comment-edit"),
    path("comments/<uuid:comment>/remove", comment_views.comment_remove, name="comment-remove"),
]
