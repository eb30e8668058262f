package import FastJSON
import SimulatedData
package import SimulatedSite

extension FieldWriting {
    private var state: SiteState { renderer.state }
    private var project: Project { state.projects[Int(row.project)] }

    /// Fields whose value is the same for everybody; `false` for the others.
    package func writePlain(_ id: String, _ json: inout JSONWriter) -> Bool {
        switch id {
        case "summary": json.member(id, content.summary)
        case "description", "environment":
            json.key(id)
            renderer.text(id == "description" ? content.description : content.environment, &json)
        case "issuetype": json.member(id, raw: renderer.parts.types[Int(row.type)])
        case "project": json.member(id, raw: renderer.parts.projects[Int(row.project)])
        case "status": json.member(id, raw: renderer.parts.statuses[Int(row.status)])
        case "statusCategory":
            guard renderer.isCloud else { return false }
            let category = state.catalogue.statuses[Int(row.status)].category
            json.member(id, raw: renderer.parts.categories[category])
        case "priority": json.member(id, raw: renderer.parts.priorities[Int(row.priority)])
        case "resolution":
            json.key(id)
            if row.resolution >= 0 { json.raw(renderer.parts.resolutions[Int(row.resolution)]) } else { json.null() }
        case "assignee": person(id, row.assignee, &json)
        case "reporter": person(id, row.reporter, &json)
        case "creator": person(id, row.creator, &json)
        case "labels": strings(id, content.traits.labels, &json)
        case "components":
            list(id, content.traits.components, &json) { renderer.component(project.components[$0], &$1) }
        case "fixVersions": versions(id, content.traits.fixVersions, &json)
        case "versions": versions(id, content.traits.affectedVersions, &json)
        case "security":
            json.key(id)
            if let level = state.securityLevel(id: Int(row.level)) { renderer.level(level, &json) } else { json.null() }
        case "issuerestriction": writeRestriction(id, &json)
        case "votes":
            json.member(
                id,
                object: { json in
                    json.member("self", "\(renderer.api)/issue/\(state.key(of: row))/votes")
                    json.member("votes", content.votes)
                    json.member("hasVoted", false)
                })
        case "watches":
            json.member(
                id,
                object: { json in
                    json.member("self", "\(renderer.api)/issue/\(state.key(of: row))/watchers")
                    json.member("watchCount", content.watchers.count)
                    json.member("isWatching", false)
                })
        default: return writeEstimate(id, &json)
        }
        return true
    }

    package func writeTime(_ id: String, _ json: inout JSONWriter) -> Bool {
        switch id {
        case "created": json.member(id, renderer.time(row.created))
        case "updated": json.member(id, renderer.time(row.updated))
        case "resolutiondate": json.member(id, row.resolved > 0 ? renderer.time(row.resolved) : nil)
        case "statuscategorychangedate":
            guard renderer.isCloud else { return false }
            json.member(id, renderer.time(row.resolved > 0 ? row.resolved : row.created))
        case "duedate": json.member(id, row.due > 0 ? CivilTime.text(ofDay: Int(row.due)) : nil)
        case "lastViewed": json.member(id, nil as String?)
        default: return false
        }
        return true
    }

    private func writeEstimate(_ id: String, _ json: inout JSONWriter) -> Bool {
        switch id {
        case "timespent": json.member(id, content.timeSpent)
        case "timeestimate": json.member(id, content.remainingEstimate)
        case "timeoriginalestimate": json.member(id, content.originalEstimate)
        case "aggregatetimespent": json.member(id, content.aggregateTimeSpent)
        case "aggregatetimeestimate": json.member(id, content.aggregateRemainingEstimate)
        case "aggregatetimeoriginalestimate": json.member(id, content.aggregateOriginalEstimate)
        case "timetracking":
            json.member(
                id,
                object: { json in
                    tracked("originalEstimate", content.originalEstimate, &json)
                    tracked("remainingEstimate", content.remainingEstimate, &json)
                    tracked("timeSpent", content.timeSpent, &json)
                })
        case "progress": progress(id, content.timeSpent, content.remainingEstimate, &json)
        case "aggregateprogress": progress(id, content.aggregateTimeSpent, content.aggregateRemainingEstimate, &json)
        case "workratio":
            // Jira's -1 says that there is no estimate to compare with.
            let ratio = content.originalEstimate.map { $0 > 0 ? (content.timeSpent ?? 0) * 100 / $0 : -1 }
            json.member(id, ratio ?? -1)
        default: return false
        }
        return true
    }

    private func tracked(_ name: String, _ seconds: Int?, _ json: inout JSONWriter) {
        guard let seconds else { return }
        json.member(name, Renderer.duration(seconds))
        json.member(name + "Seconds", seconds)
    }

    private func progress(_ id: String, _ spent: Int?, _ remaining: Int?, _ json: inout JSONWriter) {
        let (done, total) = (spent ?? 0, (spent ?? 0) + (remaining ?? 0))
        json.member(
            id,
            object: { json in
                json.member("progress", done)
                json.member("total", total)
                if total > 0 { json.member("percent", done * 100 / total) }
            })
    }

    /// Roles an issue of a team-managed project is restricted to, as the field of that name holds them.
    private func writeRestriction(_ id: String, _ json: inout JSONWriter) {
        let roles = content.traits.restrictedToRoles
        json.member(
            id,
            object: { json in
                json.member(
                    "issuerestrictions",
                    object: { json in
                        guard !roles.isEmpty else { return }
                        list("projectrole", roles, &json) { role, json in
                            json.object { json in
                                json.member("projectRoleId", String(role))
                                json.member("name", state.role(id: role)?.name)
                            }
                        }
                    })
                json.member("shouldDisplay", project.style == .teamManaged)
            })
    }

    package func person(_ id: String, _ index: Int32, _ json: inout JSONWriter) {
        json.key(id)
        renderer.user(Int(index), &json)
    }

    package func strings(_ id: String, _ values: [String], _ json: inout JSONWriter) {
        list(id, values, &json) { $1.string($0) }
    }

    package func versions(_ id: String, _ positions: [Int], _ json: inout JSONWriter) {
        list(id, positions, &json) { renderer.version(project.versions[$0], project: project.index, &$1) }
    }

    package func list<Element>(
        _ id: String, _ elements: [Element], _ json: inout JSONWriter, _ write: (Element, inout JSONWriter) -> Void
    ) {
        json.key(id)
        json.array { json in for element in elements { write(element, &json) } }
    }

    /// A custom field's value.
    package func write(_ value: FieldValue, _ json: inout JSONWriter) {
        switch value {
        case .text(let text): json.string(text)
        case .richText(let text): renderer.text(text, &json)
        case .number(let number): json.double(number)
        case .date(let day): json.string(CivilTime.text(ofDay: day))
        case .dateTime(let moment): json.string(renderer.time(moment))
        case .option(let option): write(option, nil, &json)
        case .options(let options): json.array { json in for option in options { write(option, nil, &json) } }
        case .cascade(let option, let child): write(option, child, &json)
        case .user(let index): renderer.user(index, &json)
        case .users(let people): json.array { json in for person in people { renderer.user(person, &json) } }
        case .group(let index): renderer.group(index, &json)
        case .groups(let groups): json.array { json in for group in groups { renderer.group(group, &json) } }
        case .version(let position):
            renderer.version(project.versions[position], project: project.index, &json)
        case .versions(let positions):
            json.array { json in
                for position in positions {
                    renderer.version(project.versions[position], project: project.index, &json)
                }
            }
        case .project(let index): json.raw(renderer.parts.projects[index])
        case .labels(let labels): json.array { json in for label in labels { json.string(label) } }
        case .sprints(let sprints):
            json.array { json in for sprint in sprints { json.raw(renderer.parts.sprints[sprint]) } }
        case .issue(let ordinal): json.string(state.key(of: ordinal))
        case .json(let value): json.value(value)
        }
    }

    private func write(_ option: FieldOption, _ child: FieldOption?, _ json: inout JSONWriter) {
        json.object { json in
            json.member("self", "\(renderer.api)/customFieldOption/\(option.id)")
            json.member("value", option.value)
            json.member("id", String(option.id))
            if let child {
                json.key("child")
                write(child, nil, &json)
            }
        }
    }
}
