from django.urls import path

from simplr.datasets import views

app_name = "datasets"
urlpatterns = [
    path("datasets/<uuid:dataset>", views.dataset, name="dataset"),
    path("datasets/<uuid:dataset>/fields/<str:field>", views.field, name="field"),
    path("datasets/<uuid:dataset>/versions", views.versions, name="versions"),
    path("datasets/<uuid:dataset>/ledger", views.ledger, name="ledger"),
]
