//! Client against server, over loopback and in memory; httpbin as the main job.
