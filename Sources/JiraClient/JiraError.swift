/// Why Jira did not give what was asked.
///
/// `description` is safe to log: it holds the code, the endpoint's template and the status, never a secret, an id, a
/// query or anything Jira wrote. Jira's own words are in ``messages``, for the person who asked.
public struct JiraError: Error, Hashable, Sendable, CustomStringConvertible {
    public var code: Code
    /// Method and path template, `GET /rest/api/3/issue/{id}/comment`.
    public var endpoint: String
    public var status: Int?
    /// How long Jira asks to wait, clamped to something a schedule can use.
    public var retryAfter: Duration?
    /// Jira's error messages. They may name issues, fields and people.
    public var messages: [String]

    public init(
        _ code: Code, endpoint: String = "", status: Int? = nil, retryAfter: Duration? = nil, messages: [String] = []
    ) {
        self.code = code
        self.endpoint = endpoint
        self.status = status
        self.retryAfter = retryAfter
        self.messages = messages
    }

    public var description: String {
        var text = "Jira \(code.rawValue)"
        if !endpoint.isEmpty { text += " at \(endpoint)" }
        if let status { text += " (\(status))" }
        return text + ": " + code.explanation
    }

    /// The same with Jira's own words, for the person whose request it was.
    public var personalDescription: String {
        messages.isEmpty ? description : description + " Jira says: " + messages.joined(separator: " ")
    }
}

extension JiraError {
    /// What went wrong; open, so that a new code breaks no caller.
    public struct Code: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        public var description: String { rawValue }

        private init(_ rawValue: String) { self.rawValue = rawValue }

        public static let invalidAddress = Code("invalid_address")
        public static let hostNotFound = Code("host_not_found")
        public static let unreachable = Code("unreachable")
        public static let timedOut = Code("timed_out")
        public static let secureConnectionFailed = Code("secure_connection_failed")
        public static let addressRefused = Code("address_refused")
        public static let notJira = Code("not_jira")
        public static let loginPage = Code("login_page")
        public static let credentialRefused = Code("credential_refused")
        public static let credentialIgnored = Code("credential_ignored")
        public static let scopeMissing = Code("scope_missing")
        public static let captchaRequired = Code("captcha_required")
        public static let permissionMissing = Code("permission_missing")
        public static let rateLimited = Code("rate_limited")
        public static let accessBlocked = Code("access_blocked")
        public static let gone = Code("gone")
        public static let badQuery = Code("bad_query")
        public static let projectMissing = Code("project_missing")
        public static let badRequest = Code("bad_request")
        public static let notFound = Code("not_found")
        public static let undecodable = Code("undecodable")
        public static let tooLarge = Code("too_large")
        public static let serverError = Code("server_error")
        public static let pagingLoop = Code("paging_loop")
        public static let incompleteListing = Code("incomplete_listing")
        /// The account reads the times of our queries in another zone than the client writes them in.
        public static let zoneChanged = Code("zone_changed")
        public static let unsupported = Code("unsupported")
        public static let cancelled = Code("cancelled")

        /// What happened and what to do, in words that hold for every case of the code.
        public var explanation: String { Self.explanations[self] ?? "The request failed." }

        private static let explanations: [Code: String] = [
            .invalidAddress: "This is not the address of a Jira site. Give it as https://jira.example.com.",
            .hostNotFound: "No such host. Check the address for a typing mistake, and this machine's DNS.",
            .unreachable: "Jira does not answer. Check that it is running and that this machine may reach it.",
            .timedOut: "Jira did not answer in time. Try again later.",
            .secureConnectionFailed:
                "The secure connection could not be made. Check the certificate, or name the authority that signed it.",
            .addressRefused: "The host's address is private and this source may not use private addresses.",
            .notJira: "Something answers at this address, but it is not Jira. Check the path.",
            .loginPage: "A login page came instead of data. Sign-on stands before the interface, or the path is wrong.",
            .credentialRefused:
                "Jira refused the credential. It may be mistyped, expired or revoked; create a new one.",
            .credentialIgnored:
                "Jira answered as if nobody had signed in. The token has probably expired; create a new one.",
            .scopeMissing: "The token lacks a scope that this needs. Create one with read scopes for Jira.",
            .captchaRequired:
                "Jira wants a captcha solved after failed sign-ins. Sign in once with a browser, or use an access token.",
            .permissionMissing: "The account may not do this. Ask a Jira administrator for the permission.",
            .rateLimited: "Jira asks to slow down. The work goes on by itself after the wait.",
            .accessBlocked: "Jira's rate limiting blocks this account altogether. Ask a Jira administrator.",
            .gone: "Jira no longer offers this. Update Drawbridge.",
            .badQuery: "Jira does not understand the query.",
            .projectMissing: "The query names a project that does not exist or that the account cannot see.",
            .badRequest: "Jira rejected the request.",
            .notFound: "It does not exist, or the account may not see it.",
            .undecodable: "The answer is not what Jira documents.",
            .tooLarge: "The answer is larger than the limit.",
            .serverError: "Jira failed to answer, after several tries.",
            .pagingLoop: "Jira repeats a page, so the listing cannot end. Try again later.",
            .incompleteListing: "Jira does not give the whole list to this account.",
            .zoneChanged: "The time zone of the source's account was changed while it was read. Run again.",
            .unsupported: "This kind of Jira does not offer it.",
            .cancelled: "The request was cancelled.",
        ]
    }

    /// Whether another credential or more rights would help, and trying again would not.
    public var concernsAccess: Bool {
        let codes: Set<Code> = [
            .credentialRefused, .credentialIgnored, .scopeMissing, .captchaRequired, .permissionMissing, .accessBlocked,
            .loginPage,
        ]
        return codes.contains(code)
    }

    /// Whether Jira could not be reached at all.
    public var concernsReachability: Bool {
        let codes: Set<Code> = [
            .hostNotFound, .unreachable, .timedOut, .secureConnectionFailed, .addressRefused, .serverError,
        ]
        return codes.contains(code)
    }
}
