import SimulatedData
import SimulatedRules
import SimulatedSite

extension JQLSearch {
    func textPredicate(_ field: JQLField, _ condition: JQLQuery.Condition) throws(JQLError) -> Predicate {
        if condition.relation == .isEmpty || condition.relation == .isNotEmpty {
            let wantsEmpty = condition.relation == .isEmpty
            guard field != .text else { throw unsupported(condition) }
            return { texts(of: $0, field).isEmpty == wantsEmpty }
        }
        guard condition.relation == .contains || condition.relation == .lacks else { throw unsupported(condition) }
        guard case .value(let words) = condition.operand else { throw unsupported(condition) }
        let matcher = TextMatcher(words)
        guard !matcher.isEmpty else {
            throw JQLError("The field '\(condition.field)' does not support searching for an empty string.")
        }
        let isNegative = condition.relation == .lacks
        return { ordinal in
            let texts = texts(of: ordinal, field)
            if texts.isEmpty { return false }
            return matcher.matches(texts) != isNegative
        }
    }

    /// The texts a field searches, only those the caller may see.
    private func texts(of ordinal: Int, _ field: JQLField) -> [String] {
        if field == .summary { return [state.summary(of: ordinal)] }
        let content = state.content(of: ordinal)
        switch field {
        case .description: return content.description.map { [$0.plainText] } ?? []
        case .environment: return content.environment.map { [$0.plainText] } ?? []
        case .comment: return comments(content, ordinal)
        default:
            var texts = [content.summary]
            if let description = content.description { texts.append(description.plainText) }
            if let environment = content.environment { texts.append(environment.plainText) }
            for (id, value) in content.customFields where !id.isEmpty {
                if case .richText(let text) = value { texts.append(text.plainText) }
                if case .text(let text) = value { texts.append(text) }
            }
            return texts + comments(content, ordinal)
        }
    }

    private func comments(_ content: IssueContent, _ ordinal: Int) -> [String] {
        content.comments.filter { evaluator.sees(person, comment: $0, of: ordinal) }.map(\.body.plainText)
    }

    func customPredicate(_ field: FieldDefinition, _ condition: JQLQuery.Condition) throws(JQLError) -> Predicate {
        let value = { [state] (ordinal: Int) in
            state.content(of: ordinal).customFields.first { $0.id == field.id }?.value
        }
        let operands = operands(condition)
        let wantsEmpty = operands.contains(.empty)
        let relation = condition.relation
        if relation == .contains || relation == .lacks {
            guard case .value(let words) = condition.operand else { throw unsupported(condition) }
            let matcher = TextMatcher(words)
            return { [state] ordinal in
                guard let present = value(ordinal) else { return false }
                return matcher.matches(present.names(in: state, of: ordinal)) != relation.isNegative
            }
        }
        if relation.isComparison {
            guard case .value(let text) = condition.operand, let limit = Double(text) else {
                throw unsupported(condition)
            }
            return { ordinal in
                guard case .number(let present)? = value(ordinal) else { return false }
                return relation.holds(present, limit)
            }
        }
        var wanted: Set<String> = []
        for operand in operands {
            switch operand {
            case .value(let text): wanted.insert(text.lowercased())
            case .function(let name, _) where name.lowercased() == "currentuser":
                if let user = person.user { wanted.insert(state.users[user].displayName.lowercased()) }
            case .function(let name, let arguments): throw unknownFunction(name, arguments)
            case .empty, .list: break
            }
        }
        return { [state, wanted] ordinal in
            guard let present = value(ordinal) else { return !relation.isNegative && wantsEmpty }
            return present.names(in: state, of: ordinal).contains { wanted.contains($0.lowercased()) }
                != relation.isNegative
        }
    }
}

extension FieldValue {
    /// What a search may call this value.
    fileprivate func names(in state: SiteState, of ordinal: Int) -> [String] {
        func version(_ position: Int) -> String {
            state.projects[Int(state.row(ordinal).project)].versions[position].name
        }
        func person(_ user: Int) -> [String] {
            [state.users[user].displayName, state.users[user].accountID, state.users[user].name]
        }
        switch self {
        case .text(let text): return [text]
        case .richText(let text): return [text.plainText]
        case .number(let number): return [Int64(exactly: number).map { String($0) } ?? String(number)]
        case .date(let day): return [CivilTime.text(ofDay: day)]
        case .dateTime(let moment): return [SiteTimeZone.utc.jiraTimestamp(moment)]
        case .option(let option): return [option.value, String(option.id)]
        case .options(let options): return options.flatMap { [$0.value, String($0.id)] }
        case .cascade(let option, let child): return [option.value] + (child.map { [$0.value] } ?? [])
        case .user(let user): return person(user)
        case .users(let users): return users.flatMap { person($0) }
        case .group(let group): return [state.groups[group].name]
        case .groups(let groups): return groups.map { state.groups[$0].name }
        case .version(let position): return [version(position)]
        case .versions(let positions): return positions.map { version($0) }
        case .project(let project): return [state.projects[project].key, state.projects[project].name]
        case .labels(let labels): return labels
        case .sprints(let sprints): return sprints.flatMap { [state.sprints[$0].name, String(state.sprints[$0].id)] }
        case .issue(let issue): return [state.key(of: issue)]
        case .json: return []
        }
    }
}

/// Words and phrases that must all occur, as in a `~` condition.
struct TextMatcher {
    private var phrases: [[String]] = []
    private var prefixes: [String] = []
    /// Lower-case letters every match has somewhere, whatever the ending.
    private var needles: [[UInt8]] = []

    /// - Parameter query: Words; `"a phrase"` in quotation marks; `begin*` for a beginning.
    init(_ query: String) {
        for (position, piece) in query.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
            if position % 2 == 1 {
                phrases.append(Self.words(String(piece)))
                continue
            }
            for word in piece.split(separator: " ") {
                if word.hasSuffix("*") {
                    prefixes.append(word.dropLast().lowercased())
                } else {
                    phrases.append(Self.words(String(word)))
                }
            }
        }
        phrases.removeAll { $0.isEmpty }
        prefixes.removeAll { $0.isEmpty }
        needles = (phrases.flatMap { $0 } + prefixes).filter { $0.allSatisfy(\.isASCII) }.map { Array($0.utf8) }
    }

    var isEmpty: Bool { phrases.isEmpty && prefixes.isEmpty }

    func matches(_ texts: [String]) -> Bool {
        // Most texts hold none of the words: look at bytes before cutting anything into words.
        guard needles.allSatisfy({ needle in texts.contains { Self.contains($0, needle) } }) else { return false }
        let documents = texts.map { Self.words($0) }
        return phrases.allSatisfy { phrase in documents.contains { Self.contains($0, phrase) } }
            && prefixes.allSatisfy { prefix in documents.contains { $0.contains { $0.hasPrefix(prefix) } } }
    }

    private static func contains(_ text: String, _ needle: [UInt8]) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            guard utf8.count >= needle.count, let first = needle.first else { return false }
            for start in 0...(utf8.count - needle.count) where lowered(utf8[start]) == first {
                var length = 1
                while length < needle.count, lowered(utf8[start + length]) == needle[length] { length += 1 }
                if length == needle.count { return true }
            }
            return false
        }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func contains(_ words: [String], _ phrase: [String]) -> Bool {
        guard words.count >= phrase.count, let first = phrase.first else { return false }
        for start in 0...(words.count - phrase.count) where words[start] == first {
            if words[start..<(start + phrase.count)].elementsEqual(phrase) { return true }
        }
        return false
    }

    /// Lower-cased words without the commonest English endings.
    static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.map { stem($0) }
    }

    private static func stem(_ word: Substring) -> String {
        for ending in ["ing", "ed", "es", "s"] where word.count > ending.count + 3 && word.hasSuffix(ending) {
            return String(word.dropLast(ending.count))
        }
        return String(word)
    }
}
