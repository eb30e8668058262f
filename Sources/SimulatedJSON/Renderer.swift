package import FastJSON
package import SimulatedData
package import SimulatedSite

/// Which of Jira's two data formats an answer is in.
package enum APIVersion: Sendable, Hashable {
    /// Version 3: texts are Atlassian documents. Cloud only.
    case v3
    /// Version 2: texts are wiki markup.
    case v2

    package var number: String { self == .v3 ? "3" : "2" }
}

/// Writes the site's things as one version of one flavour's API writes them, in one time zone.
///
/// Things that every issue repeats are written once and kept as bytes.
package struct Renderer: Sendable {
    package let state: SiteState
    package let version: APIVersion
    /// The site's URL without a trailing slash.
    package let base: String
    package let zone: SiteTimeZone
    package let parts: Parts

    package init(state: SiteState, version: APIVersion, base: String, zone: SiteTimeZone, parts: Parts) {
        self.state = state
        self.version = version
        self.base = base
        self.zone = zone
        self.parts = parts
        api = "\(base)/rest/api/\(version.number)"
        isCloud = state.configuration.flavour.isCloud
    }

    /// The API's URL: ``base`` and the version.
    package let api: String
    package let isCloud: Bool

    /// Ready-made JSON by position in the site's lists.
    package final class Parts: Sendable {
        package let users: [[UInt8]]
        package let projects: [[UInt8]]
        package let statuses: [[UInt8]]
        package let categories: [[UInt8]]
        package let linkTypes: [[UInt8]]
        package let priorities: [[UInt8]]
        package let resolutions: [[UInt8]]
        package let types: [[UInt8]]
        package let sprints: [[UInt8]]

        package init(_ state: SiteState, version: APIVersion, base: String) {
            let writer = PartWriter(state: state, api: "\(base)/rest/api/\(version.number)", base: base)
            users = state.users.map { writer.user($0) }
            projects = state.projects.map { writer.project($0) }
            statuses = state.catalogue.statuses.map { writer.status($0) }
            priorities = state.catalogue.priorities.map { writer.priority($0) }
            resolutions = state.catalogue.resolutions.map { writer.resolution($0) }
            types = state.catalogue.issueTypes.map { writer.type($0) }
            sprints = state.sprints.map { writer.sprint($0) }
            categories = state.catalogue.statusCategories.map { writer.category($0) }
            linkTypes = state.catalogue.linkTypes.map { writer.linkType($0) }
        }
    }

    package func user(_ index: Int, _ json: inout JSONWriter) {
        if parts.users.indices.contains(index) { json.raw(parts.users[index]) } else { json.null() }
    }

    package func time(_ moment: Milliseconds) -> String { zone.jiraTimestamp(moment) }

    package func text(_ text: RichText?, _ json: inout JSONWriter) {
        guard let text else { return json.null() }
        if version == .v3 { text.writeADF(to: &json) } else { json.string(text.wikiMarkup) }
    }

    package func visibility(_ visibility: Visibility, _ json: inout JSONWriter) {
        json.object { json in
            switch visibility {
            case .role(let id):
                let name = state.role(id: id)?.name ?? ""
                json.member("type", "role")
                json.member("value", name)
                if isCloud { json.member("identifier", name) }
            case .group(let index):
                json.member("type", "group")
                json.member("value", state.groups[index].name)
                if isCloud { json.member("identifier", state.groups[index].id) }
            }
        }
    }

    package func group(_ index: Int, _ json: inout JSONWriter) {
        let group = state.groups[index]
        json.object { json in
            json.member("name", group.name)
            if isCloud { json.member("groupId", group.id) }
            json.member(
                "self", isCloud ? "\(api)/group?groupId=\(group.id)" : "\(api)/group?groupname=\(escaped(group.name))")
        }
    }

    package func component(_ component: Component, _ json: inout JSONWriter) {
        json.object { json in
            json.member("self", "\(api)/component/\(component.id)")
            json.member("id", String(component.id))
            json.member("name", component.name)
            json.member("description", component.description)
        }
    }

    package func version(_ version: Version, project: Int, _ json: inout JSONWriter, full: Bool = false) {
        json.object { json in
            json.member("self", "\(api)/version/\(version.id)")
            json.member("id", String(version.id))
            json.member("description", version.description)
            json.member("name", version.name)
            json.member("archived", version.isArchived)
            json.member("released", version.isReleased)
            if full, let day = version.startDay { json.member("startDate", CivilTime.text(ofDay: day)) }
            if let day = version.releaseDay { json.member("releaseDate", CivilTime.text(ofDay: day)) }
            if full { json.member("projectId", state.projects[project].id) }
        }
    }

    package func level(_ level: SecurityLevel, _ json: inout JSONWriter) {
        json.object { json in
            json.member("self", "\(api)/securitylevel/\(level.id)")
            json.member("id", String(level.id))
            json.member("description", level.description)
            json.member("name", level.name)
        }
    }

    package func scope(_ project: Int?, _ json: inout JSONWriter) {
        guard let project else { return }
        json.member(
            "scope",
            object: { json in
                json.member("type", "PROJECT")
                json.member("project", object: { json in json.member("id", String(state.projects[project].id)) })
            })
    }

    package func attachment(_ attachment: Attachment, _ json: inout JSONWriter, isAlone: Bool = false) {
        json.object { json in
            json.member("self", "\(api)/attachment/\(attachment.id)")
            // Asked for by itself on Cloud, an attachment has a number for its id.
            if isAlone && isCloud {
                json.member("id", attachment.id)
            } else {
                json.member("id", String(attachment.id))
            }
            json.member("filename", attachment.fileName)
            json.key("author")
            user(attachment.author, &json)
            json.member("created", time(attachment.created))
            json.member("size", attachment.size)
            json.member("mimeType", attachment.mimeType)
            json.member("content", contentURL(attachment))
            if attachment.mimeType.hasPrefix("image/") {
                json.member(
                    "thumbnail",
                    isCloud
                        ? "\(api)/attachment/thumbnail/\(attachment.id)"
                        : "\(base)/secure/thumbnail/\(attachment.id)/\(escaped(attachment.fileName))")
            }
        }
    }

    private func contentURL(_ attachment: Attachment) -> String {
        isCloud
            ? "\(api)/attachment/content/\(attachment.id)"
            : "\(base)/secure/attachment/\(attachment.id)/\(escaped(attachment.fileName))"
    }

    package func comment(_ comment: Comment, issue: Int, _ json: inout JSONWriter) {
        json.object { json in
            json.member("self", "\(api)/issue/\(state.row(issue).id)/comment/\(comment.id)")
            json.member("id", String(comment.id))
            json.key("author")
            user(comment.author, &json)
            json.key("body")
            text(comment.body, &json)
            json.key("updateAuthor")
            user(comment.updateAuthor, &json)
            json.member("created", time(comment.created))
            json.member("updated", time(comment.updated))
            if let visibility = comment.visibility {
                json.key("visibility")
                self.visibility(visibility, &json)
            }
            if state.projects[Int(state.row(issue).project)].kind == .serviceDesk {
                json.member("jsdPublic", !comment.isInternal)
            }
        }
    }

    package func worklog(_ worklog: Worklog, issue: Int, _ json: inout JSONWriter) {
        json.object { json in
            json.member("self", "\(api)/issue/\(state.row(issue).id)/worklog/\(worklog.id)")
            json.key("author")
            user(worklog.author, &json)
            json.key("updateAuthor")
            user(worklog.author, &json)
            if let note = worklog.note {
                json.key("comment")
                text(note, &json)
            } else if version == .v2 {
                json.member("comment", "")
            }
            json.member("created", time(worklog.created))
            json.member("updated", time(worklog.updated))
            if let visibility = worklog.visibility {
                json.key("visibility")
                self.visibility(visibility, &json)
            }
            json.member("started", time(worklog.started))
            json.member("timeSpent", Self.duration(worklog.seconds))
            json.member("timeSpentSeconds", worklog.seconds)
            json.member("id", String(worklog.id))
            json.member("issueId", String(state.row(issue).id))
        }
    }

    /// `1w 2d 3h 4m` in Jira's working time: five days of eight hours.
    package static func duration(_ seconds: Int) -> String {
        var minutes = seconds / 60
        var words: [String] = []
        for (unit, length) in [("w", 2_400), ("d", 480), ("h", 60), ("m", 1)] where minutes >= length {
            words.append("\(minutes / length)\(unit)")
            minutes %= length
        }
        return words.isEmpty ? "0m" : words.joined(separator: " ")
    }
}

/// Percent-encodes a URL's path segment or query value.
package func escaped(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            result.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            let hex = String(byte, radix: 16, uppercase: true)
            result += hex.count == 1 ? "%0" + hex : "%" + hex
        }
    }
    return result
}
