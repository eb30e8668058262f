public import JiraClient

/// What is wrong with a connection, in one word of a fixed list: for a page that explains each, and for those who are asked for help.
///
/// A check's code tells what was tried; its diagnosis, why that failed.
public enum Diagnosis: String, Hashable, Sendable, CaseIterable {
    case dns = "DNS"
    case connect = "CONNECT"
    case timedOut = "TIMED_OUT"
    case addressPrivate = "ADDRESS_PRIVATE"
    case tlsUntrusted = "TLS_UNTRUSTED"
    case tlsExpired = "TLS_EXPIRED"
    case tlsFailed = "TLS_FAILED"
    case proxyAuth = "PROXY_AUTH"
    case urlInvalid = "URL_INVALID"
    case urlHasPath = "URL_HAS_PATH"
    case notJira = "NOT_JIRA"
    case loginPage = "LOGIN_PAGE"
    case siteMoved = "SITE_MOVED"
    case authInvalid = "AUTH_INVALID"
    case authExpired = "AUTH_EXPIRED"
    case authCaptcha = "AUTH_CAPTCHA"
    case anonymous = "ANONYMOUS"
    case scopeMissing = "SCOPE_MISSING"
    case ipBlocked = "IP_BLOCKED"
    case blocked = "ACCOUNT_BLOCKED"
    case permissionMissing = "PERMISSION_MISSING"
    case noProjects = "NO_PROJECTS"
    case projectNoBrowse = "PROJECT_NO_BROWSE"
    case permissionSchemeUnreadable = "PERM_SCHEME_UNREADABLE"
    case usersHidden = "USERS_HIDDEN"
    case securityUnreadable = "SECURITY_UNREADABLE"
    case rateLimited = "RATE_LIMITED"
    case clockSkew = "CLOCK_SKEW"
    case jqlInvalid = "JQL_INVALID"
    case notEncrypted = "NOT_ENCRYPTED"
    case serverFailing = "SERVER_FAILING"

    /// What an answer, or none, says; `nil` where it says nothing of the connection.
    public init?(_ error: JiraError) {
        let words = error.messages.joined(separator: " ").lowercased()
        if error.status == 407 || words.contains("response 407") {
            self = .proxyAuth
            return
        }
        switch error.code {
        case .hostNotFound: self = .dns
        case .unreachable: self = .connect
        case .timedOut: self = .timedOut
        case .addressRefused: self = .addressPrivate
        case .secureConnectionFailed: self = Self.certificate(words)
        case .invalidAddress: self = .urlInvalid
        case .notJira: self = .notJira
        case .loginPage: self = .loginPage
        case .credentialRefused: self = .authInvalid
        case .captchaRequired: self = .authCaptcha
        case .credentialIgnored: self = .anonymous
        case .scopeMissing: self = .scopeMissing
        case .permissionMissing: self = Self.isAllowList(words) ? .ipBlocked : .permissionMissing
        case .accessBlocked: self = Self.isAllowList(words) ? .ipBlocked : .blocked
        case .rateLimited: self = .rateLimited
        case .badQuery, .projectMissing: self = .jqlInvalid
        case .serverError: self = .serverFailing
        default: return nil
        }
    }

    /// What a change that was made to an address says of it.
    init?(mend: String) {
        switch mend {
        case "redirect_followed": self = .siteMoved
        case "page_removed", "query_removed", "context_found", "context_dropped", "slash_removed": self = .urlHasPath
        default: return nil
        }
    }

    /// OpenSSL's words for why it does not trust a certificate (X509_verify_cert_error_string).
    private static func certificate(_ words: String) -> Diagnosis {
        if words.contains("certificate has expired") || words.contains("not yet valid") { return .tlsExpired }
        let untrusted = [
            "self-signed", "self signed", "local issuer", "unable to verify", "untrusted", "no alternative certificate",
            "does not match", "unknown ca",
        ]
        return untrusted.contains(where: words.contains) ? .tlsUntrusted : .tlsFailed
    }

    /// Atlassian's and firewalls' words for an address that is not on a list.
    private static func isAllowList(_ words: String) -> Bool {
        ["allowlist", "allow list", "whitelist", "ip address", "ip restriction"].contains(where: words.contains)
    }
}

extension SourceCheck {
    /// What a check that failed without an error of Jira's says by itself.
    var ownDiagnosis: Diagnosis? {
        guard outcome != .ok else { return nil }
        switch code {
        case "projects": return .noProjects
        case "project": return .projectNoBrowse
        case "emails", "accounts": return .usersHidden
        case "security_levels", "security_schemes", "level_members": return .securityUnreadable
        case "permission_schemes", "project_scheme", "roles", "groups", "group_members", "application_roles":
            return .permissionSchemeUnreadable
        case "clock": return .clockSkew
        case "secure": return .notEncrypted
        default: return nil
        }
    }
}
