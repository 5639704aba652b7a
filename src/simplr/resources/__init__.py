"""Resources and their versions: what the institute keeps."""
