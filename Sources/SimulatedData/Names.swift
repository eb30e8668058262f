/// Invented names of people.
public enum Names {
    public static func person(_ random: inout SeededRandom) -> (first: String, last: String) {
        (random.pick(Lexicon.firstNames), random.pick(Lexicon.lastNames))
    }
}
