import JiraClient
import SiteConnection
import Testing

@Suite("What is wrong with a connection") struct DiagnosisTests {
    struct Case: CustomTestStringConvertible {
        let error: JiraError
        let diagnosis: Diagnosis?
        var testDescription: String { "\(error.code) \(error.messages.first ?? "")" }

        init(_ code: JiraError.Code, _ words: String, status: Int? = nil, _ diagnosis: Diagnosis?) {
            error = JiraError(code, status: status, messages: [words])
            self.diagnosis = diagnosis
        }

        init(_ code: JiraError.Code, status: Int? = nil, _ diagnosis: Diagnosis?) {
            error = JiraError(code, status: status)
            self.diagnosis = diagnosis
        }
    }

    static let errors = [
        Case(.hostNotFound, "Could not resolve host: jira.example.com", .dns),
        Case(.unreachable, "Failed to connect to jira.example.com port 443", .connect),
        Case(.timedOut, .timedOut),
        Case(.addressRefused, .addressPrivate),
        Case(.secureConnectionFailed, "SSL certificate problem: certificate has expired", .tlsExpired),
        Case(.secureConnectionFailed, "SSL certificate problem: certificate is not yet valid", .tlsExpired),
        Case(.secureConnectionFailed, "SSL certificate problem: unable to get local issuer certificate", .tlsUntrusted),
        Case(.secureConnectionFailed, "SSL certificate problem: self-signed certificate", .tlsUntrusted),
        Case(
            .secureConnectionFailed,
            "SSL: no alternative certificate subject name matches target host name 'jira.example.com'", .tlsUntrusted),
        Case(.secureConnectionFailed, "TLS connect error: wrong version number", .tlsFailed),
        Case(.unreachable, "CONNECT tunnel failed, response 407", .proxyAuth),
        Case(.badRequest, status: 407, .proxyAuth),
        Case(.invalidAddress, .urlInvalid),
        Case(.notJira, .notJira),
        Case(.loginPage, .loginPage),
        Case(.credentialRefused, status: 401, .authInvalid),
        Case(.captchaRequired, .authCaptcha),
        Case(.credentialIgnored, .anonymous),
        Case(.scopeMissing, "Unauthorized; scope does not match", status: 401, .scopeMissing),
        Case(.permissionMissing, "The IP address has been rejected because it is not on the allowlist", .ipBlocked),
        Case(.permissionMissing, status: 403, .permissionMissing),
        Case(.accessBlocked, .blocked),
        Case(.rateLimited, status: 429, .rateLimited),
        Case(.badQuery, "Error in the JQL Query", status: 400, .jqlInvalid),
        Case(.serverError, status: 503, .serverFailing),
        Case(.gone, nil),
    ]

    @Test("is told from the answer, or from there being none", arguments: errors) func error(_ one: Case) {
        #expect(Diagnosis(one.error) == one.diagnosis)
    }

    static let checks: [(code: String, diagnosis: Diagnosis)] = [
        ("projects", .noProjects), ("project", .projectNoBrowse), ("emails", .usersHidden), ("accounts", .usersHidden),
        ("security_schemes", .securityUnreadable), ("security_levels", .securityUnreadable),
        ("permission_schemes", .permissionSchemeUnreadable), ("roles", .permissionSchemeUnreadable),
        ("clock", .clockSkew), ("secure", .notEncrypted),
    ]

    @Test("is told from what was tried", arguments: checks) func check(_ code: String, _ diagnosis: Diagnosis) {
        #expect(SourceCheck(code, .warn, "").diagnosis == diagnosis)
        #expect(SourceCheck(code, .ok, "").diagnosis == nil)
    }

    @Test("each has a test, but those that need a stored source or a corrected address") func complete() {
        let told = Set(Self.errors.compactMap(\.diagnosis) + Self.checks.map(\.diagnosis))
        #expect(Set(Diagnosis.allCases).subtracting(told) == [.urlHasPath, .siteMoved, .authExpired])
    }
}
