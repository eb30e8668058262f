internal import Observability
internal import Cryptography
internal import FastJSON
internal import HTTPMessages
internal import Reading
internal import SignIn
internal import Store
internal import WebFrame
internal import WebServer
internal import Workspace

/// Reading issues.
enum IssueOperations {
    static let all = [issue, export]

    private static let issue = Operation(
        .get, "/api/v1/issues/{issue}", id: "issues.get", summary: "One issue with everything of it that you may see",
        details: "An issue that does not exist and one that you may not see are answered alike.",
        rule: .member(.read),
        parameters: [
            .path("issue", "its key, also a former one, or Jira's id", .text(1...255)), Schemas.onlySource,
            .query("format", .choice(["json", "markdown"]), "json without it"),
        ],
        answers: [200: answer], problems: [409]
    ) { call in
        var view = try await IssueReader(store: call.services.store).issue(
            call.path("issue"), for: try call.reader(), source: call.text("source"))
        let isMarkdown = call.text("format") == "markdown"
        var response =
            isMarkdown
            ? WebResponse.content(Array(view.markdown.utf8), type: "text/markdown; charset=utf-8") : .json(view.json)
        // How old the copy is differs from second to second and says nothing of the issue.
        view.freshness = nil
        let tag = Digest.sha256((isMarkdown ? [1] : []) + view.json).prefix(16)
        response.headers["ETag"] = "W/\"\(Digest.hexadecimal(Array(tag)))\""
        return response
    }

    private static let answer = Answer.other("The issue", "application/json", "text/markdown")

    private static let export = Operation(
        .get, "/api/v1/export/issues", id: "issues.export", summary: "Every issue that you may see, as one file",
        details: """
            Streamed: it may be of any length. A connection that ends before the last chunk is an export cut short. Cells of the CSV that a \
            spreadsheet would take for formulas begin with an apostrophe.
            """,
        rule: .member(.read),
        parameters: [Schemas.onlySource, .query("format", .choice(["jsonl", "csv"]), "jsonl without it")],
        answers: [200: .other("The file", "application/x-ndjson", "text/csv")], problems: [404]
    ) { call in
        let format = IssueExport.Format(rawValue: call.text("format") ?? "jsonl") ?? .jsonl
        let (store, reader, source) = (call.services.store, try call.reader(), call.text("source"))
        // What is wrong with the request is said before the first byte.
        _ = try await store.read { connection in
            _ = try SourceChoice.sources(named: source, in: connection)
            return try reader.resolve(source: nil, in: connection)
        }
        try await call.note("issues.exported", subject: source ?? "", ["format": format.rawValue])
        let (log, authenticator, request, member) = (
            call.services.log, call.services.authenticator, call.request, try call.member().id
        )
        return .download(
            type: format == .csv ? "text/csv; charset=utf-8" : "application/x-ndjson",
            filename: "issues.\(format.rawValue)",
            BodyStream { writer in
                let summary = try await IssueExport(store: store).run(for: reader, source: source, format: format) {
                    // A slow reader may take hours; a session or token that ended meanwhile takes nothing more.
                    let now = try await authenticator.caller(
                        of: request.message, remote: request.remoteAddress, isUse: false)
                    guard now.member?.id == member, now.may(.member(.read)) else { throw SignInError.notSignedIn }
                    try await writer.write($0)
                }
                guard !summary.damaged.isEmpty else { return }
                log.warning(
                    "export_incomplete", "Issues were left out of an export, as their copies are damaged",
                    ["count": .int(summary.damaged.count)])
            })
    }
}
