from django.urls import path

from simplr.resources import views

app_name = "resources"
urlpatterns = [
    path("projects/<slug:project>", views.project, name="project"),
    path("files/<uuid:resource>", views.file, name="file"),
    path("resources/<uuid:resource>/content", views.content, name="content"),
    path("resources/<uuid:resource>/preview", views.preview, name="preview"),
]
