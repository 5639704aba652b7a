import csv
from tests.web.attack.test_every_endpoint_and_role import *
def test_write(doors):
    with open("/tmp/matrix.csv","w",newline="") as f:
        w=csv.writer(f, lineterminator="\n"); w.writerow(["endpoint",*ROLES])
        for e in ENDPOINTS:
            w.writerow([e.key,*(tried(doors,e,r) for r in ROLES)])
