public import FastJSON
public import HTTPMessages
public import WebServer

/// A request that cannot be done, as RFC 9457 tells it: `application/problem+json` with a stable `code`.
public struct Problem: Error, Sendable, CustomStringConvertible {
    public var status: Int
    /// A stable word for programs, as `not_found`.
    public var code: String
    /// What the code means, the same each time.
    public var title: String
    /// What happened this time, why, and what to do; safe to show to the caller.
    public var detail: String?
    /// Further members.
    public var members: [JSONValue.Member] = []
    public var headers: HTTPHeaders = [:]

    public init(_ status: Int, _ code: String, _ title: String, detail: String? = nil) {
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
    }

    /// Without ``detail``, which may name what the caller asked for.
    public var description: String { "\(status) \(code)" }

    /// What does not exist, and, in the same words, what the caller may not see.
    public static func notFound(_ detail: String = "There is no such thing, or you may not see it.") -> Problem {
        Problem(404, "not_found", "Not found", detail: detail)
    }

    public static func badRequest(_ code: String = "bad_request", _ detail: String) -> Problem {
        Problem(400, code, "The request cannot be understood", detail: detail)
    }

    public static func conflict(_ code: String, _ detail: String) -> Problem {
        Problem(409, code, "The request does not fit the present state", detail: detail)
    }

    /// A member of the body, or a parameter, that is not as documented.
    static func invalid(_ violations: [Schema.Violation], _ place: String) -> Problem {
        var problem = Problem(
            400, "invalid_\(place)", "The request is not as documented",
            detail: violations.first.map { "\($0.pointer.isEmpty ? "The \(place)" : $0.pointer) \($0.message)." })
        problem.members = [
            .init(
                "errors",
                .array(
                    violations.map {
                        .object([.init("pointer", .string($0.pointer)), .init("message", .string($0.message))])
                    }
                ))
        ]
        return problem
    }

    static let unauthenticated: Problem = {
        var problem = Problem(
            401, "not_signed_in", "Sign in first", detail: "Send an API token as 'Authorization: Bearer' or sign in.")
        problem.headers["WWW-Authenticate"] = "Bearer"
        return problem
    }()

    static let bodyTooLarge = Problem(
        413, "body_too_large", "The body is too large", detail: "A request's body has at most 1 MiB.")

    static let forbidden = Problem(
        403, "not_allowed", "You may not do this", detail: "Your role, or the scope of your token, does not allow it.")

    static let internalError = Problem(
        500, "internal", "The server failed", detail: "The server's log says more under this request's id.")

    /// The answer that tells of it.
    public func response(requestID: String? = nil) -> WebResponse {
        var json = JSONWriter()
        json.object { json in
            json.member("type", "urn:drawbridge:problem:\(code)")
            json.member("title", title)
            json.member("status", status)
            json.member("code", code)
            if let detail { json.member("detail", detail) }
            if let requestID { json.member("requestId", requestID) }
            for member in members {
                json.key(member.key)
                json.value(member.value)
            }
        }
        var response = WebResponse(status: status, headers: headers, body: json.bytes)
        response.headers["Content-Type"] = "application/problem+json"
        response.headers["Cache-Control"] = "no-store"
        return response
    }

    static let schema = Schema.object([
        .required("type", .text()), .required("title", .text()), .required("status", .integer(400...599)),
        .required("code", .text().saying("a stable word for programs")), .optional("detail", .text(0...65_536)),
        .optional("requestId", .text()),
        .optional(
            "errors",
            .list(of: .object([.required("pointer", .text()), .required("message", .text())]))),
    ]).named("Problem")
}
