import FastJSON
import HTTPMessages
import SimulatedData
import SimulatedJSON
import SimulatedSite
import WebServer

extension Routes {
    mutating func addSite() {
        api(.get, "serverInfo") { $0.serverInfo() }
        api(.get, "myself", scope: .user, needsLogin: true) { call in
            guard let person = call.person else { throw Refusal.needsLogin }
            return call.myself(person)
        }
        if isCloud {
            add(.get, "/_edge/tenant_info") { call in
                .json { $0.member("cloudId", call.configuration.cloudID) }
            }
            add(.get, "/rest/servicedeskapi/info") { call in
                .json { json in
                    json.member("version", "5.12.0")
                    json.member("isLicensedForUse", true)
                }
            }
            // Without an agent's licence all else of Jira Service Management is refused, with nothing in the body.
            add(.get, "/rest/servicedeskapi/{rest...}") { _ in throw Refusal(WebResponse(status: 403)) }
        } else {
            add(.get, "/rest/auth/1/session", needsLogin: true) { call in
                .json { json in
                    json.member("self", "\(call.simulator.base)/rest/api/latest/user")
                    json.member("name", call.person?.name)
                }
            }
        }
        add(.get, "/") { _ in .html("Jira", title: "System Dashboard - Jira") }
        add(.get, "/login.jsp") { _ in .loginPage }
        add(.get, "/browse/{key}") { _ in .html("Jira", title: "Jira") }
    }
}

extension Call {
    fileprivate func serverInfo() -> WebResponse {
        let now = simulator.site.clock.now() + configuration.clockSkew
        let flavour = state.configuration.flavour
        return .json { json in
            json.member("baseUrl", simulator.base)
            json.member("version", isCloud ? "1001.0.0-SNAPSHOT" : flavour == .server ? "7.13.18" : "10.3.24")
            let numbers = isCloud ? [1001, 0, 0] : flavour == .server ? [7, 13, 18] : [10, 3, 24]
            json.member("versionNumbers", array: { json in for number in numbers { json.integer(number) } })
            // Server before 8.0 does not say what it is.
            if flavour != .server { json.member("deploymentType", isCloud ? "Cloud" : "Data Center") }
            json.member("buildNumber", isCloud ? 100_286 : flavour == .server ? 713_018 : 10_030_024)
            json.member("buildDate", renderer.time(state.configuration.start))
            if person != nil || !isCloud { json.member("serverTime", renderer.time(now)) }
            if isCloud { json.member("serverTimeZone", "Etc/UTC") }
            json.member("scmInfo", "0f1e2d3c4b5a69788796a5b4c3d2e1f000112233")
            json.member("serverTitle", "Simulated Jira")
        }
    }

    fileprivate func myself(_ person: User) -> WebResponse {
        .json { json in
            renderer.members(of: person, isSelf: true, &json)
            json.member("locale", person.locale)
            json.member("expand", "groups,applicationRoles")
        }
    }
}
