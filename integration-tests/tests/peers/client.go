// Visits httpbin, whose URL is its argument; says nothing if all is well.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
)

var base = os.Args[1]
var dialed = 0

func check(ok bool, what ...any) {
	if !ok {
		fmt.Fprintln(os.Stderr, what...)
		os.Exit(1)
	}
}

func call(method, path string, body io.Reader, change func(*http.Request)) (*http.Response, string) {
	request, err := http.NewRequest(method, base+path, body)
	check(err == nil, err)
	trace := &httptrace.ClientTrace{ConnectStart: func(string, string) { dialed++ }}
	request = request.WithContext(httptrace.WithClientTrace(context.Background(), trace))
	if change != nil {
		change(request)
	}
	response, err := http.DefaultClient.Do(request)
	check(err == nil, path, err)
	content, err := io.ReadAll(response.Body)
	check(err == nil, path, err)
	response.Body.Close()
	return response, string(content)
}

func main() {
	for i := 0; i < 100; i++ {
		response, content := call("GET", fmt.Sprintf("/range/%d", i+1), nil, nil)
		check(response.StatusCode == 200 && len(content) == i+1, "range", i, response.Status)
	}
	_, content := call("GET", "/gzip", nil, nil)
	check(strings.Contains(content, `"gzipped": true`), content)
	response, content := call("GET", "/redirect/5", nil, nil)
	check(response.StatusCode == 200 && strings.HasSuffix(response.Request.URL.Path, "/get"), response.Request.URL)
	response, _ = call("HEAD", "/bytes/1000", nil, nil)
	check(response.ContentLength == 1000, response.ContentLength)
	response, content = call("GET", "/status/204", nil, nil)
	check(response.StatusCode == 204 && content == "", response.Status)

	large := bytes.Repeat([]byte("x"), 1<<20)
	_, content = call("PUT", "/upload", bytes.NewReader(large), func(request *http.Request) {
		request.Header.Set("Expect", "100-continue")
	})
	check(octets(content) == 1<<20, content)
	_, content = call("PUT", "/upload", io.MultiReader(bytes.NewReader(large)), func(request *http.Request) {
		request.ContentLength = -1
		request.Trailer = http.Header{"X-Sum": {"42"}}
	})
	check(octets(content) == 1<<20 && strings.Contains(content, `"x-sum": "42"`), content)
	response, _ = call("GET", "/trailers?x-sum=5", nil, nil)
	check(response.Trailer.Get("X-Sum") == "5", response.Trailer)
	check(dialed == 1, "dialed", dialed)
}

func octets(content string) float64 {
	var shown map[string]any
	err := json.Unmarshal([]byte(content), &shown)
	check(err == nil, err)
	return shown["octets"].(float64)
}
