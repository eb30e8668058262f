internal import HTTPMessages
internal import SignIn
internal import WebServer

extension Operation {
    /// The operations that tell of all others: the OpenAPI document, the readable page and its style sheet.
    public static func documentation(
        of operations: [Operation], title: String, version: String, description: String
    ) -> [Operation] {
        let document = OpenAPIDocument(operations, title: title, version: version, description: description)
        let (json, html) = (document.json, ManualPage(document, stylePath: "/api/style.css").html)
        func page(
            _ path: String, _ id: String, _ summary: String, type: String, _ bytes: [UInt8], policy: String? = nil
        ) -> Operation {
            Operation(.get, path, id: id, summary: summary, rule: .anyone, answers: [200: .other(summary, type)]) { _ in
                var response = WebResponse.content(bytes, type: type)
                response.headers["Cache-Control"] = "no-cache"
                response.headers["Content-Security-Policy"] = policy
                return response
            }
        }
        return [
            page("/api/openapi.json", "documentation.openapi", "OpenAPI 3.1", type: "application/json", json),
            page(
                "/api", "documentation.page", "The API for people", type: "text/html; charset=utf-8", html,
                policy: ManualPage.contentPolicy),
            page(
                "/api/style.css", "documentation.style", "The page's style sheet", type: "text/css; charset=utf-8",
                Array(ManualPage.style.utf8)),
        ]
    }
}
