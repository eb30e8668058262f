import FastJSON
import SimulatedData

extension ContentMaker {
    /// Values of custom fields; which ones an issue has depends on its project and its luck.
    func customFields(_ traits: IssueTraits) -> [(id: String, value: FieldValue)] {
        var prose = Prose(state.random(Stream.fields, ordinal))
        var values: [(id: String, value: FieldValue)] = []
        for field in state.catalogue.fields where field.isCustom {
            if let value = value(of: field, traits, &prose) { values.append((field.id, value)) }
        }
        return values
    }

    private func value(of field: FieldDefinition, _ traits: IssueTraits, _ prose: inout Prose) -> FieldValue? {
        guard let number = field.customID else { return nil }
        if (10_060...10_063).contains(number) {
            if let users = traits.userFields[field.id] { return field.type == "user" ? .user(users[0]) : .users(users) }
            guard let groups = traits.groupFields[field.id] else { return nil }
            return field.type == "group" ? .group(groups[0]) : .groups(groups)
        }
        if number < 10_020 { return agileValue(field.kind, traits, &prose) }
        if number >= 10_070 { return appValue(field.kind, field, &prose) }
        return prose.random.chance(0.16) ? platformValue(field.kind, field, &prose) : nil
    }

    private func agileValue(_ key: String, _ traits: IssueTraits, _ prose: inout Prose) -> FieldValue? {
        let isEpic = state.catalogue.issueTypes[Int(row.type)].hierarchyLevel == 1
        let isTeamManaged = project.style == .teamManaged
        switch key {
        case "gh-sprint": return traits.sprints.isEmpty ? nil : .sprints(traits.sprints)
        case "gh-epic-link":
            guard row.parent >= 0, state.catalogue.issueTypes[Int(state.rows[Int(row.parent)].type)].hierarchyLevel == 1
            else { return nil }
            return .issue(Int(row.parent))
        case "gh-epic-label": return isEpic && !isTeamManaged ? .text(prose.codename()) : nil
        case "gh-epic-status":
            guard isEpic, !isTeamManaged, let field = state.catalogue.field("customfield_10013") else { return nil }
            return .option(field.options[row.resolution >= 0 ? 1 : 0])
        case "gh-epic-color": return isEpic && !isTeamManaged ? .text("ghx-label-\(1 + ordinal % 9)") : nil
        case "gh-lexo-rank": return .text("0|\(String(1_700_000_000 + ordinal * 8, radix: 36)):")
        case "jsw-story-points":
            return isTeamManaged && prose.random.chance(0.5)
                ? .number(Double(prose.random.pick([1, 2, 3, 5, 8]))) : nil
        default: return nil
        }
    }

    private func platformValue(_ key: String, _ field: FieldDefinition, _ prose: inout Prose) -> FieldValue? {
        switch key {
        case "float":
            return .number(Double(prose.random.pick([1, 2, 3, 5, 8, 13])) + (prose.random.chance(0.1) ? 0.5 : 0))
        case "textfield": return .text("\(prose.codename()) \(prose.random.below(9_000))")
        case "textarea": return .richText(RichText(paragraph: prose.paragraph(sentences: 2)))
        case "url": return .text("https://design.acme.example/boards/\(prose.random.hexadecimal(8))")
        case "readonlyfield": return .text("imported \(prose.random.hexadecimal(6))")
        case "datepicker": return .date(Int(row.created / 86_400_000) + prose.random.below(90))
        case "datetime": return .dateTime(moment(prose.random.fraction()))
        case "select", "radiobuttons": return .option(prose.random.pick(field.options))
        case "multiselect", "multicheckboxes":
            let chosen = field.options.filter { _ in prose.random.chance(0.5) }
            return chosen.isEmpty ? nil : .options(chosen)
        case "cascadingselect":
            let option = prose.random.pick(field.options)
            return .cascade(option, child: option.children.isEmpty ? nil : prose.random.pick(option.children))
        case "version": return .version(prose.random.below(project.versions.count))
        case "multiversion": return .versions([prose.random.below(project.versions.count)])
        case "project": return .project(prose.random.below(state.projects.count))
        case "labels": return .labels([prose.codename().lowercased(), "kw-\(prose.random.below(40))"])
        case "importid": return .number(Double(ordinal))
        default: return nil
        }
    }

    /// Values whose shape only their app knows.
    private func appValue(_ key: String, _ field: FieldDefinition, _ prose: inout Prose) -> FieldValue? {
        if key.hasPrefix("sd-") || key == "vp-origin" {
            return project.kind == .serviceDesk && prose.random.chance(0.6) ? serviceDeskValue(key, &prose) : nil
        }
        guard prose.random.chance(0.1) else { return nil }
        switch key {
        case "jpo-custom-field-baseline-start": return .date(Int(row.created / 86_400_000))
        case "jpo-custom-field-baseline-end": return .date(Int(row.created / 86_400_000) + 30)
        case "jpo-custom-field-original-story-points": return .number(Double(prose.random.pick([3, 5, 8])))
        case "rm-teams-custom-field-team":
            return .json([
                "id": .string(prose.random.identifier()), "name": .string("Team \(prose.codename())"),
                "isVisible": true,
            ])
        case "devsummarycf": return .text("{}")
        case "rating": return .number(Double(1 + prose.random.below(5)))
        case "interval": return .text(#"{"start":"2026-01-01","end":"2026-03-31"}"#)
        case "count-insights": return .number(Double(prose.random.below(9)))
        default: return nil
        }
    }

    private func serviceDeskValue(_ key: String, _ prose: inout Prose) -> FieldValue? {
        switch key {
        case "vp-origin":
            return .json([
                "requestType": ["id": .string(String(prose.random.below(9))), "name": "Get help"],
                "currentStatus": ["status": .string(state.catalogue.statuses[Int(row.status)].name)],
            ])
        case "sd-sla-field":
            return .json([
                "id": "1", "name": "Time to resolution", "completedCycles": [],
                "ongoingCycle": [
                    "breached": .bool(prose.random.chance(0.2)), "goalDuration": ["millis": 14_400_000],
                    "remainingTime": ["millis": .integer(Int64(prose.random.below(14_400_000)))],
                ],
            ])
        case "sd-request-participants": return .users([WellKnown.customer])
        case "sd-customer-organizations": return .json([["id": "1", "name": .string(prose.codename())]])
        case "sd-approvals": return .json([])
        case "sd-request-feedback": return .json(["rating": .integer(Int64(1 + prose.random.below(5)))])
        default: return nil
        }
    }
}
