import FastJSON
import IssueModel
public import SearchIndex

/// What a search found, with how fresh it is and how long it took: the `search` document.
public struct SearchAnswer: Hashable, Sendable {
    public var results: SearchResults
    public var freshness: Freshness
    /// Milliseconds from the question to the answer.
    public var milliseconds: Int
    /// Whether whoever asked sees everything, and so may know what waits to be read.
    public var isOperators: Bool

    public init(results: SearchResults, freshness: Freshness, milliseconds: Int, isOperators: Bool = false) {
        self.isOperators = isOperators
        self.results = results
        self.freshness = freshness
        self.milliseconds = milliseconds
    }

    /// The document's JSON.
    public var json: [UInt8] {
        var writer = JSONWriter(reservingCapacity: 8_192)
        writer.object { json in
            json.member("total", results.total)
            json.member("tookMs", milliseconds)
            json.member("asOf", freshness.asOf?.rfc3339)
            json.key("freshness")
            freshness.write(to: &json, details: isOperators)
            json.member("matching", results.matching.rawValue)
            json.key("hits")
            json.array { json in
                for hit in results.hits { hit.write(to: &json) }
            }
            writeFacets(to: &json)
            writeCorrection(to: &json)
            json.optional("cursor", results.cursor)
        }
        return writer.bytes
    }

    private func writeFacets(to json: inout JSONWriter) {
        json.key("facets")
        json.object { json in
            for facet in results.facets {
                json.key(facet.name)
                json.array { json in
                    for value in facet.values {
                        json.object {
                            $0.member("value", value.value)
                            $0.member("count", value.count)
                        }
                    }
                }
            }
        }
    }

    private func writeCorrection(to json: inout JSONWriter) {
        guard let correction = results.correction else { return }
        json.key("correction")
        json.object { json in
            json.member("query", correction.query)
            json.key("words")
            json.array { json in
                for word in correction.words {
                    json.object {
                        $0.member("from", word.from)
                        $0.member("to", word.to)
                    }
                }
            }
        }
    }
}

extension SearchHit {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("id", String(jiraID))
            json.member("key", key)
            json.member("source", source)
            json.member("summary", summary)
            json.member("status", status)
            json.member("statusCategory", statusCategory)
            json.member("type", type)
            json.member("project", project)
            json.optional("assignee", assignee)
            json.member("updated", Timestamp(milliseconds: updated).rfc3339)
            json.member("url", url)
            json.key("score")
            json.double(score)
            json.key("passage")
            json.object { json in
                json.member("kind", passage.kind.name)
                json.optional("id", passage.id)
                json.member("snippet", passage.snippet)
                json.key("highlights")
                json.array { json in
                    for range in passage.highlights {
                        json.array {
                            $0.integer(range.lowerBound)
                            $0.integer(range.upperBound)
                        }
                    }
                }
            }
        }
    }
}
