// Sends one file with tus-js-client, going on where an earlier run was killed.
const fs = require("fs");
const tus = require("tus-js-client");

const [url, token, project, file, state] = process.argv.slice(2);
const upload = new tus.Upload(fs.createReadStream(file), {
  endpoint: `${url}/api/v1/projects/${project}/tus`,
  headers: { Authorization: `Bearer ${token}` },
  metadata: { filename: "file.bin", as: "file" },
  uploadSize: fs.statSync(file).size,
  chunkSize: 5_000_000,
  retryDelays: Array(60).fill(1000),
  urlStorage: new tus.FileUrlStorage(`${state}/tus-js.json`),
  onError(error) {
    console.error(String(error));
    process.exit(1);
  },
  onSuccess: () => process.exit(0),
});
upload.findPreviousUploads().then((earlier) => {
  if (earlier.length) upload.resumeFromPreviousUpload(earlier[0]);
  upload.start();
});
