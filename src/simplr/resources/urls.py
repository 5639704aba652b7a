from django.urls import path

from simplr.resources import trash_views, views

app_name = "resources"
urlpatterns = [
    path("projects/<slug:project>", views.project, name="project"),
    path("projects/<slug:project>/trash", trash_views.trash, name="trash"),
    path("projects/<slug:project>/acts", trash_views.several, name="acts"),
    path("resources/<uuid:resource>/trash", trash_views.trash_one, name="trash-one"),
    path("files/<uuid:resource>", views.file, name="file"),
    path("resources/<uuid:resource>/content", views.content, name="content"),
    path("resources/<uuid:resource>/preview", views.preview, name="preview"),
]
