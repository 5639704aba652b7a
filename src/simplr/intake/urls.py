from django.urls import path

from simplr.intake import views

app_name = "intake"
urlpatterns = [
    path("projects/<slug:project>/put", views.put, name="put"),
    path("datasets/<uuid:dataset>/versions/<str:version>/again", views.again, name="again"),
    path("uploads/<uuid:upload>", views.upload, name="upload"),
    path("uploads/<uuid:upload>/keep", views.keep, name="keep"),
    path("uploads/<uuid:upload>/read-as", views.read_as, name="read-as"),
    path("uploads/<uuid:upload>/cancel", views.cancel, name="cancel"),
]
