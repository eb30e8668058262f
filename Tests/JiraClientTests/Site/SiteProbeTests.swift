import HTTPMessages
import IssueDecoding
import IssueModel
import JiraClient
import Testing

@Suite("Finding out what a site is") struct SiteProbeTests {
    static let cloudInfo = """
        {"baseUrl":"https://acme.atlassian.net","version":"1001.0.0-SNAPSHOT","versionNumbers":[1001,0,0],
        "deploymentType":"Cloud","serverTime":"2026-03-26T16:59:30.000+0100","serverTimeZone":"Europe/Paris"}
        """
    static let serverInfo = """
        {"baseUrl":"https://jira.example.com","version":"10.3.24","versionNumbers":[10,3,24],
        "deploymentType":"Server","serverTime":"2026-03-26T21:29:00.000+0530"}
        """
    static let account = #"{"accountId":"5b10","displayName":"Mia","timeZone":"Australia/Sydney"}"#
    static let person = #"{"key":"JIRAUSER1","name":"mia","displayName":"Mia","active":true}"#
    static let tenant = #"{"cloudId":"c-1"}"#

    /// Answers by URL; everything else is a 404 in HTML.
    static func transport(_ answers: [String: HTTPResponse]) -> CannedTransport {
        CannedTransport { request, _ in answers[request.url] ?? .page("<html>not here</html>", status: 404) }
    }

    func identify(
        _ address: String, _ credential: Credential, _ transport: CannedTransport
    ) async throws -> SiteIdentity {
        try await SiteProbe(transport: transport, time: VirtualTime().source)
            .identify(try SiteAddress(address), credential)
    }

    let token = Credential.apiToken(email: "mia@example.com", token: "secret")
    static let cloud = "https://acme.atlassian.net"
    static let gateway = "https://api.atlassian.com/ex/jira/c-1"

    @Test("Cloud with an ordinary token") func cloud() async throws {
        let transport = Self.transport([
            Self.cloud + "/rest/api/2/serverInfo": .json(Self.cloudInfo),
            Self.cloud + "/_edge/tenant_info": .json(Self.tenant),
            Self.cloud + "/rest/api/3/myself": .json(Self.account),
        ])
        let identity = try await identify(Self.cloud, token, transport)
        #expect(identity.product == .cloud && identity.flavour == .cloud)
        #expect(identity.siteID == "c-1" && !identity.usesGateway)
        #expect(identity.account?.id == AccountID("5b10"))
        #expect(identity.timeZone == "Australia/Sydney", "the account's zone, not the server's")
        #expect(identity.clockSkewSeconds == 30)
        #expect(transport.requests[0].headers["Authorization"] == nil, "no secret to a host not known to be Jira")
    }

    @Test("a token with scopes, refused at the site, works at the gateway") func scopedToken() async throws {
        let transport = Self.transport([
            Self.cloud + "/rest/api/2/serverInfo": .json(Self.cloudInfo),
            Self.cloud + "/_edge/tenant_info": .json(Self.tenant),
            Self.cloud + "/rest/api/3/myself": .json(
                #"{"message":"Client must be authenticated to access this resource.","status-code":401}"#, status: 401),
            Self.gateway + "/rest/api/3/myself": .json(Self.account),
        ])
        let identity = try await identify(Self.cloud, token, transport)
        #expect(identity.usesGateway && identity.apiBase == Self.gateway && identity.baseURL == Self.cloud)
    }

    @Test("a service account is tried at the gateway first") func serviceAccount() async throws {
        let transport = Self.transport([
            Self.cloud + "/rest/api/2/serverInfo": .json(Self.cloudInfo),
            Self.cloud + "/_edge/tenant_info": .json(Self.tenant),
            Self.gateway + "/rest/api/3/myself": .json(Self.account),
        ])
        let bot = Credential.apiToken(email: "sync@serviceaccount.atlassian.com", token: "t")
        #expect(try await identify(Self.cloud, bot, transport).apiBase == Self.gateway)
        #expect(!transport.requests.contains { $0.url == Self.cloud + "/rest/api/3/myself" })
    }

    @Test("a token that lacks a scope is told from a wrong one") func scopeMissing() async throws {
        let transport = Self.transport([
            Self.cloud + "/rest/api/2/serverInfo": .json(Self.cloudInfo),
            Self.cloud + "/_edge/tenant_info": .json(Self.tenant),
            Self.cloud + "/rest/api/3/myself": .json("{}", status: 401),
            Self.gateway + "/rest/api/3/myself": .json(
                #"{"code":401,"message":"Unauthorized; scope does not match"}"#, status: 401),
        ])
        await expectError(.scopeMissing) { try await identify(Self.cloud, token, transport) }
    }

    @Test("Data Center with an access token, below a context path that was not given") func dataCenter() async throws {
        let base = "https://jira.example.com/jira"
        let transport = Self.transport([
            base + "/rest/api/2/serverInfo": .json(Self.serverInfo), base + "/rest/api/2/myself": .json(Self.person),
        ])
        let identity = try await identify("jira.example.com/browse/PAY-1", .personalAccessToken("t"), transport)
        #expect(identity.product == .dataCenter && identity.baseURL == base && identity.siteID == nil)
        #expect(identity.account?.id == AccountID("JIRAUSER1"))
        #expect(identity.timeZone == "GMT+05:30", "the server's, where the account says none")
        #expect(identity.mends.map(\.code) == ["scheme_added", "page_removed", "context_found"])
        #expect(transport.requests.last?.headers["Authorization"] == "Bearer t")
    }

    @Test("a redirect to the real address is followed and shown") func redirect() async throws {
        let base = "https://jira.example.com"
        let transport = Self.transport([
            "http://jira.example.com/rest/api/2/serverInfo": HTTPResponse(
                status: 301, headers: ["Location": base + "/rest/api/2/serverInfo"]),
            base + "/rest/api/2/serverInfo": .json(Self.serverInfo), base + "/rest/api/2/myself": .json(Self.person),
        ])
        let identity = try await identify("http://jira.example.com", .personalAccessToken("t"), transport)
        #expect(identity.baseURL == base)
        #expect(identity.mends.map(\.code) == ["redirect_followed"])
    }

    @Test("an anonymous public site") func anonymous() async throws {
        let base = "https://jira.example.com"
        let transport = Self.transport([base + "/rest/api/2/serverInfo": .json(Self.serverInfo)])
        let identity = try await identify(base, .anonymous, transport)
        #expect(identity.account == nil)
        #expect(transport.requests.allSatisfy { $0.headers["Authorization"] == nil })
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: JiraError.Code
        let info: HTTPResponse
        var myself = HTTPResponse.json(SiteProbeTests.person)
    }

    @Test(
        "each way to be turned away has its own code",
        arguments: [
            Refusal(testDescription: "some other web site", code: .notJira, info: .page("<h1>Welcome</h1>")),
            Refusal(
                testDescription: "single sign-on answers 200 with its page", code: .loginPage,
                info: .page("<html><form>Log in<input type=password></form>")),
            Refusal(
                testDescription: "single sign-on redirects", code: .loginPage,
                info: HTTPResponse(status: 302, headers: ["Location": "https://sso.example.com/saml/login"])),
            Refusal(testDescription: "JSON of something else", code: .notJira, info: .json(#"{"status":"ok"}"#)),
            Refusal(
                testDescription: "a site that tells strangers nothing, and a wrong token", code: .credentialRefused,
                info: .json(#"{"message":"no"}"#, status: 401)),
            Refusal(testDescription: "nothing there", code: .notJira, info: .page("", status: 404)),
            Refusal(testDescription: "Jira is down", code: .serverError, info: .page("starting", status: 503)),
            Refusal(
                testDescription: "wrong token", code: .credentialRefused, info: .json(SiteProbeTests.serverInfo),
                myself: .page("Basic Authentication Failure - Reason : AUTHENTICATED_FAILED", status: 401)),
            Refusal(
                testDescription: "captcha", code: .captchaRequired, info: .json(SiteProbeTests.serverInfo),
                myself: HTTPResponse(
                    status: 403,
                    headers: ["X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://x/login.jsp"])),
            Refusal(
                testDescription: "captcha said with 200", code: .captchaRequired,
                info: .json(SiteProbeTests.serverInfo),
                myself: .json("{}", headers: ["X-Seraph-LoginReason": "AUTHENTICATION_DENIED"])),
            Refusal(
                testDescription: "refused said with 200", code: .credentialRefused,
                info: .json(SiteProbeTests.serverInfo),
                myself: .json("{}", headers: ["X-Seraph-LoginReason": "AUTHENTICATED_FAILED"])),
            Refusal(
                testDescription: "taken for nobody", code: .credentialIgnored, info: .json(SiteProbeTests.serverInfo),
                myself: .json(SiteProbeTests.person, headers: ["X-AUSERNAME": "anonymous"])),
            Refusal(
                testDescription: "no permission", code: .permissionMissing, info: .json(SiteProbeTests.serverInfo),
                myself: HTTPResponse(status: 403)),
            Refusal(
                testDescription: "an account of no known form", code: .undecodable,
                info: .json(SiteProbeTests.serverInfo),
                myself: .json("[]")),
        ])
    func refused(_ refusal: Refusal) async throws {
        let base = "https://jira.example.com"
        let transport = Self.transport([
            base + "/rest/api/2/serverInfo": refusal.info, base + "/rest/api/2/myself": refusal.myself,
        ])
        await expectError(refusal.code) { try await identify(base, .personalAccessToken("s3cret"), transport) }
    }

    @Test(
        "each way not to get through has its own code",
        arguments: [
            (HTTPTransportError.Code.hostNotFound, JiraError.Code.hostNotFound), (.cannotConnect, .unreachable),
            (.timedOut, .timedOut), (.secureConnectionFailed, .secureConnectionFailed),
            (.addressRefused, .addressRefused),
            (.connectionLost, .unreachable), (.bodyTooLarge, .tooLarge), (.cancelled, .cancelled),
        ])
    func unreachable(_ failure: HTTPTransportError.Code, _ code: JiraError.Code) async throws {
        let transport = CannedTransport { (_, _) throws(HTTPTransportError) in throw HTTPTransportError(failure) }
        await expectError(code) { try await identify("https://jira.example.com", .anonymous, transport) }
    }

    @Test(
        "recorded answers of serverInfo are understood",
        .enabled(if: SharedData.isAvailable, "needs the shared test data"),
        arguments: [
            ("ankitpokhrel-jira-cli/serverinfo", SiteIdentity.Product.cloud),
            ("jira-rest-java-client/serverInfo/valid", .dataCenter),
            ("jira-rest-java-client/serverInfo/valid-for-anonymous", .dataCenter),
        ])
    func recorded(_ file: String, _ product: SiteIdentity.Product) async throws {
        let bytes = try SharedData.bytes("responses/\(file).json")
        let transport = CannedTransport { _, _ in
            HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: bytes)
        }
        #expect(try await identify("https://jira.example.com", .anonymous, transport).product == product)
    }
}

/// Expects a ``JiraError`` of a code, and that its log form tells no secret.
func expectError<Result>(
    _ code: JiraError.Code, sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Result
) async {
    do {
        _ = try await body()
        Testing.Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as JiraError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        #expect(!error.description.contains("s3cret"), sourceLocation: sourceLocation)
    } catch {
        Testing.Issue.record(error, sourceLocation: sourceLocation)
    }
}

@Suite("Credentials") struct CredentialTests {
    @Test(
        "never show their secret",
        arguments: [
            Credential.apiToken(email: "mia@example.com", token: "s3cret"), .personalAccessToken("s3cret"),
            .password(username: "mia", password: "s3cret"),
        ])
    func hidden(_ credential: Credential) {
        #expect(!"\(credential)".contains("s3cret"))
        #expect(!String(reflecting: credential).contains("s3cret"))
    }

    @Test(
        "Base64 is as RFC 4648 §10 says",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ])
    func base64(_ text: String, _ encoded: String) {
        #expect(Base64.encode(text) == encoded)
    }
}
