import FastJSON
import HTTPMessages
import JiraSimulator
import SimulatedSite
import Testing

@Suite("Credentials") struct CredentialTests {
    @Test("a token with scopes is good at the gateway only, and only for what it may read") func scopedTokens()
        async throws
    {
        try await Site.with { site in
            let admin = site.tour.administrator
            let kinds = site.server.credentials.all(of: admin).filter { $0.kind == .scopedToken }
            let (wide, narrow) = (kinds[0], kinds[1])
            let wideHeader = site.basic(wide.user, wide.secret)
            let atSite = try await site.send(.get, "/rest/api/3/myself", authorization: wideHeader)
            #expect(atSite.status == 401)
            #expect(atSite.body == Array("Client must be authenticated to access this resource.".utf8))
            let gateway = site.server.gatewayURL
            let atGateway = try await site.send(.get, "/rest/api/3/myself", authorization: wideHeader, host: gateway)
            #expect(atGateway.status == 200)
            let refused = try await site.send(
                .get, "/rest/api/3/myself", authorization: site.basic(narrow.user, narrow.secret), host: gateway)
            #expect(refused.status == 401)
            #expect(String(decoding: refused.body, as: UTF8.self).contains("scope does not match"))
            let nobody = try await site.send(.get, "/rest/api/3/serverInfo", host: gateway)
            #expect(nobody.status == 401)
        }
    }

    @Test("the service account acts at the gateway") func serviceAccount() async throws {
        try await Site.with { site in
            let account = try #require(site.server.credentials.serviceAccount)
            let answer = try await site.send(
                .get, "/rest/api/3/permissionscheme", authorization: site.basic(account.user, account.secret),
                host: site.server.gatewayURL)
            #expect(answer.status == 200)
        }
    }

    @Test("a withdrawn token is refused from then on") func revokedTokens() async throws {
        try await Site.with { site in
            let admin = site.tour.administrator
            site.server.revoke(admin.apiToken)
            let refused = try await site.send(.get, "/rest/api/3/myself", as: admin)
            #expect(refused.status == 401)
            site.server.restore(admin.apiToken)
            let allowed = try await site.send(.get, "/rest/api/3/myself", as: admin)
            #expect(allowed.status == 200)
        }
    }

    @Test("some sites take a wrong credential for nobody: 200 with nothing in it") func silentAnonymous() async throws {
        try await Site.with { site in
            let path = "/rest/api/3/search/jql?jql=project=PAY"
            let wrong = site.basic(site.tour.administrator.email, "wrong")
            let answer = try await site.send(.get, path, authorization: wrong)
            #expect(answer.status == 401)
        }
        try await Site.with {
            $0.wrongCredentialsAreAnonymous = true
        } _: { site in
            let wrong = site.basic(site.tour.administrator.email, "wrong")
            let answer = try await site.send(.get, "/rest/api/3/search/jql?jql=project=SEC", authorization: wrong)
            #expect(answer.status == 200 || answer.status == 400)
            let myself = try await site.send(.get, "/rest/api/3/myself", authorization: wrong)
            #expect(myself.status == 401)
        }
    }

    @Test("Data Center takes tokens and passwords, and asks for a CAPTCHA after too many wrong ones")
    func dataCenter() async throws {
        try await Site.with(.dataCenter) { site in
            let admin = site.tour.administrator
            let byToken = try await site.send(.get, "/rest/api/2/myself", as: admin)
            #expect(byToken.status == 200)
            #expect(byToken.headers["X-AUSERNAME"] == admin.name)
            #expect(byToken.headers["X-RateLimit-FillRate"] != nil)
            let right = site.basic(admin.name, admin.password)
            let byPassword = try await site.send(.get, "/rest/api/2/myself", authorization: right)
            #expect(byPassword.status == 200)
            for _ in 0..<3 {
                let wrong = try await site.send(
                    .get, "/rest/api/2/myself", authorization: site.basic(admin.name, "wrong"))
                #expect(wrong.status == 401)
            }
            let locked = try await site.send(.get, "/rest/api/2/myself", authorization: right)
            #expect(locked.status == 403)
            #expect(locked.headers["X-Authentication-Denied-Reason"]?.hasPrefix("CAPTCHA_CHALLENGE") == true)
            let token = try await site.send(.get, "/rest/api/2/myself", as: admin)
            #expect(token.status == 200)
            site.server.clearLoginFailures()
            let again = try await site.send(.get, "/rest/api/2/myself", authorization: right)
            #expect(again.status == 200)
        }
    }

    @Test("a credential that Data Center takes for nobody's shows in a header only") func silentDataCenter()
        async throws
    {
        try await Site.with(.dataCenter) {
            $0.wrongCredentialsAreAnonymous = true
        } _: { site in
            let answer = try await site.send(
                .get, "/rest/api/2/search?jql=order%20by%20key", authorization: "Bearer wrong")
            #expect(answer.status == 200)
            #expect(answer.headers["X-AUSERNAME"] == "anonymous")
            #expect(answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED")
        }
    }
}
