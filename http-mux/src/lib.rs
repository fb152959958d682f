//! Two routers over one segment trie: Go's ServeMux patterns and Gin's engine, as tower services.
