import FastJSON
import HTTPMessages
import SimulatedJSON
import WebServer

/// An answer that ends a request early: Jira's error bodies, in each of the shapes Jira has.
struct Refusal: Error {
    var response: WebResponse

    init(_ response: WebResponse) {
        self.response = response
    }

    /// `{"errorMessages":[…],"errors":{}}`, what most endpoints answer.
    init(_ status: Int, _ messages: String...) {
        self.init(status, messages: messages)
    }

    init(_ status: Int, messages: [String], errors: [(String, String)] = []) {
        response = .json(status: status) { json in
            json.member("errorMessages", array: { json in for message in messages { json.string(message) } })
            json.member("errors", object: { json in for (name, text) in errors { json.member(name, text) } })
        }
    }

    static var issueNotFound: Refusal {
        Refusal(404, "Issue does not exist or you do not have permission to see it.")
    }

    static func projectNotFound(_ name: String) -> Refusal {
        Refusal(404, "No project could be found with key '\(name)'.")
    }

    static var forbidden: Refusal { Refusal(403, "You do not have permission to perform this operation.") }

    static var administratorsOnly: Refusal {
        Refusal(403, "Only Jira administrators can perform this operation.")
    }

    /// What Cloud answers to a wrong, expired or misplaced credential: plain text.
    static var unauthenticated: Refusal {
        var response = WebResponse.text("Client must be authenticated to access this resource.", status: 401)
        response.headers["WWW-Authenticate"] = "OAuth realm=\"https%3A%2F%2Fsite.example\""
        response.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
        return Refusal(response)
    }

    /// What Data Center answers to a wrong password or token.
    static func basicFailure(isServer: Bool) -> Refusal {
        var response = WebResponse.json(status: 401) { json in
            json.member("message", "Client must be authenticated to access this resource.")
            json.member("status-code", 401)
        }
        if isServer {
            response = .html(
                "Basic Authentication Failure - Reason : AUTHENTICATED_FAILED", title: "Unauthorized (401)", status: 401
            )
        }
        response.headers["WWW-Authenticate"] = "Basic realm=\"protected-area\""
        response.headers["X-Seraph-LoginReason"] = "AUTHENTICATED_FAILED"
        return Refusal(response)
    }

    /// What `/myself` and its like answer to nobody.
    static var needsLogin: Refusal {
        Refusal(
            .json(status: 401) { json in
                json.member("message", "Client must be authenticated to access this resource.")
                json.member("status-code", 401)
            })
    }

    /// What the gateway answers when a token lacks a scope.
    static var scopeMismatch: Refusal {
        Refusal(
            .json(status: 401) { json in
                json.member("code", 401)
                json.member("message", "Unauthorized; scope does not match")
            })
    }
}

extension WebResponse {
    static func json(status: Int = 200, _ body: (inout JSONWriter) -> Void) -> WebResponse {
        var json = JSONWriter(reservingCapacity: 512)
        json.object(body)
        return .json(status: status, bytes: json.bytes)
    }

    static func jsonArray(_ body: (inout JSONWriter) -> Void) -> WebResponse {
        var json = JSONWriter(reservingCapacity: 4_096)
        json.array(body)
        return .json(bytes: json.bytes)
    }

    static func json(status: Int = 200, bytes: [UInt8]) -> WebResponse {
        WebResponse(status: status, headers: ["Content-Type": "application/json;charset=UTF-8"], body: bytes)
    }

    static func json(bytes: [UInt8], objects: Int) -> WebResponse {
        var response = json(bytes: bytes)
        response.headers[PointsQuota.header] = String(objects)
        return response
    }

    static func html(_ text: String, title: String, status: Int = 200) -> WebResponse {
        let page = "<!DOCTYPE html><html><head><title>\(title)</title></head><body><p>\(text)</p></body></html>\n"
        return WebResponse(
            status: status, headers: ["Content-Type": "text/html;charset=UTF-8"], body: Array(page.utf8))
    }

    /// The page a single sign-on door shows instead of Jira's answer, with status 200.
    static var loginPage: WebResponse {
        .html("<form id=\"login-form\" method=\"post\"><input name=\"os_username\"></form>", title: "Log in - Jira")
    }
}
