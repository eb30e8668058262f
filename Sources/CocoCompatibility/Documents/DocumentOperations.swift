internal import FastJSON
internal import HTTPMessages
internal import SignIn
internal import WebFrame
internal import WebServer

/// `/document/`: issues and attachments as documents. They change only with Jira.
enum DocumentOperations {
    static let all: [Operation] = [
        .coco(.get, "/document/_search", "document.search", "List documents", .member(.read), handle: search),
        .coco(.post, "/document/_search", "document.find", "List documents", .member(.read), handle: search),
        .coco(.options, "/document/_search", "document.options", "What may be asked here", .anyone) { _ in
            Reply.empty()
        },
        .coco(.get, "/document/{id}", "document.read", "One document", .member(.read)) { call in
            let id = call.path("id")
            let document = try await DocumentReader(call).document(id)
            return document.map { Reply.found(id, $0) } ?? Reply.missing(id)
        },
        .coco(
            .get, "/document/{id}/raw_content/{hint...}", "document.raw", "Where to open a document", .member(.read)
        ) { call in
            let id = call.path("id")
            guard let document = try await DocumentReader(call).document(id) else { return Reply.missing(id) }
            guard let url = document["url"]?.string, !url.isEmpty else { throw Problem.invalid("document has no url") }
            var response = Reply.json { $0.member("url", url) }
            response.headers["X-Document-Redirect"] = "true"
            return response
        },
        .coco(.post, "/document", "document.create", "Refused: documents come from Jira", .admin(.write)) { _ in
            throw Problem.readOnly
        },
        .coco(.put, "/document/{id}", "document.update", "Refused: documents come from Jira", .admin(.write)) { _ in
            throw Problem.readOnly
        },
        .coco(.delete, "/document/{id}", "document.delete", "Refused: documents go with Jira", .admin(.write)) { _ in
            throw Problem.readOnly
        },
        .coco(.delete, "/document", "document.delete_many", "Refused: documents go with Jira", .admin(.write)) {
            call in
            guard let ids = try call.json().array, !ids.isEmpty else {
                throw Problem.invalid("The body must be a list of document ids.")
            }
            throw Problem.readOnly
        },
    ]

    private static func search(_ call: Call) async throws -> WebResponse {
        try await DocumentSearch(call, listsWithoutQuery: true).answer()
    }
}
