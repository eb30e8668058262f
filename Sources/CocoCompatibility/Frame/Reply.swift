internal import FastJSON
internal import HTTPMessages
internal import WebFrame
internal import WebServer

/// The envelopes of Coco's answers.
enum Reply {
    /// What a change came to.
    enum Change: String { case created, updated, deleted }

    static func json(
        status: Int = 200, _ members: (inout JSONWriter) throws -> Void
    ) rethrows -> WebResponse {
        var response = try WebResponse.json(status: status, members)
        response.headers["Content-Type"] = "application/json; charset=utf-8"
        return response
    }

    /// A record was created, which is 200 and not 201 here, or changed or deleted.
    static func done(_ change: Change, _ id: String) -> WebResponse {
        json { json in
            json.member("_id", id)
            json.member("result", change.rawValue)
        }
    }

    /// There is nothing to change under this id.
    static func nothingToChange(_ id: String) -> WebResponse {
        json(status: 404) { json in
            json.member("_id", id)
            json.member("result", "not_found")
        }
    }

    static func found(_ id: String, _ record: JSONValue) -> WebResponse {
        json { json in
            json.member("_id", id)
            json.key("_source")
            json.value(record)
            json.member("found", true)
        }
    }

    static func missing(_ id: String) -> WebResponse {
        json(status: 404) { json in
            json.member("_id", id)
            json.member("found", false)
        }
    }

    static func acknowledged(_ isDone: Bool = true, status: Int = 200) -> WebResponse {
        json(status: status) { $0.member("acknowledged", isDone) }
    }

    static func empty() -> WebResponse { WebResponse(status: 204) }

    /// A refusal. The status stands in both places where Coco's answers have it.
    static func problem(_ problem: Problem) -> WebResponse {
        let reason =
            switch problem.status {
            case 401 where problem.code == "not_signed_in": "invalid login"
            case 403 where problem.code == "not_allowed":
                "permission not allowed: " + (problem.detail ?? problem.title)
            default: problem.detail ?? problem.title
            }
        var response = json(status: problem.status) { json in
            json.key("error")
            json.object { json in
                json.member("reason", reason)
                json.member("code", problem.code)
                json.member("status", problem.status)
            }
            json.member("status", problem.status)
        }
        for field in problem.headers { response.headers[field.name] = field.value }
        response.headers["Cache-Control"] = "no-store"
        return response
    }
}

/// One hit of a search's answer.
struct Hit: Sendable {
    var id: String
    var index: String
    var score: Double = 1
    var record: JSONValue
    /// Field and marked text of what matched.
    var highlight: (field: String, text: String)?
}

extension Reply {
    /// A page of hits in the envelope of Elasticsearch.
    ///
    /// - Parameter isExact: Whether `total` is all there is, or only as far as was counted.
    static func hits(_ hits: [Hit], total: Int, isExact: Bool = true, took: Int = 0) -> WebResponse {
        json { json in
            json.member("took", took)
            json.member("timed_out", false)
            json.key("_shards")
            json.object { json in
                for (name, count) in [("total", 1), ("successful", 1), ("skipped", 0), ("failed", 0)] {
                    json.member(name, count)
                }
            }
            json.key("hits")
            json.object { json in
                json.key("total")
                json.object { json in
                    json.member("value", total)
                    json.member("relation", isExact ? "eq" : "gte")
                }
                json.key("max_score")
                if let best = hits.map(\.score).max() { json.double(best) } else { json.null() }
                json.key("hits")
                json.array { json in hits.forEach { write($0, to: &json) } }
            }
        }
    }

    private static func write(_ hit: Hit, to json: inout JSONWriter) {
        json.object { json in
            json.member("_index", hit.index)
            json.member("_type", "_doc")
            json.member("_id", hit.id)
            json.key("_score")
            json.double(hit.score)
            json.key("_source")
            json.value(hit.record)
            guard let highlight = hit.highlight else { return }
            json.key("highlight")
            json.object { json in
                json.key(highlight.field)
                json.array { $0.string(highlight.text) }
            }
        }
    }
}
