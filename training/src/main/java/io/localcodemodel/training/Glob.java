package io.localcodemodel.training;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Which paths of a source are wanted: `*` and `?` stay inside a name, `**` crosses folders, `{a,b}` chooses, `[a-z]`
/// is a set of characters, a leading `!` takes away what the other globs let in.
///
/// `**/` also matches no folder at all, so `**/*.java` takes `Main.java`. Paths use `/` on every system.
record Glob(List<Pattern> included, List<Pattern> excluded) {
    static Glob of(String... globs) {
        List<Pattern> included = new ArrayList<>();
        List<Pattern> excluded = new ArrayList<>();
        for (String glob : globs) {
            if (glob.startsWith("!")) {
                excluded.add(pattern(glob.substring(1)));
            } else {
                included.add(pattern(glob));
            }
        }
        return new Glob(included, excluded);
    }

    boolean accepts(String path) {
        return (included.isEmpty() || matches(included, path)) && !matches(excluded, path);
    }

    private static boolean matches(List<Pattern> patterns, String path) {
        for (Pattern pattern : patterns) {
            if (pattern.matcher(path).matches()) {
                return true;
            }
        }
        return false;
    }

    private static Pattern pattern(String glob) {
        StringBuilder regex = new StringBuilder();
        boolean inBraces = false;
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            switch (c) {
                case '*' -> {
                    if (glob.startsWith("**/", i) && (i == 0 || glob.charAt(i - 1) == '/')) {
                        regex.append("(?:.*/)?");
                        i += 2;
                    } else if (glob.startsWith("**", i)) {
                        regex.append(".*");
                        i++;
                    } else {
                        regex.append("[^/]*");
                    }
                }
                case '?' -> regex.append("[^/]");
                case '{' -> {
                    require(!inBraces, glob, "braces inside braces");
                    inBraces = true;
                    regex.append("(?:");
                }
                case '}' -> {
                    require(inBraces, glob, "a closing brace without an opening one");
                    inBraces = false;
                    regex.append(')');
                }
                case ',' -> regex.append(inBraces ? "|" : ",");
                case '[' -> i = set(glob, i, regex);
                default -> regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        require(!inBraces, glob, "an opening brace without a closing one");
        return Pattern.compile(regex.toString(), Pattern.DOTALL);
    }

    /// Translates the set that opens at `start`; returns the index of its closing bracket.
    private static int set(String glob, int start, StringBuilder regex) {
        int end = glob.indexOf(']', start + 2);
        require(end > 0, glob, "an opening bracket without a closing one");
        String set = glob.substring(start + 1, end);
        boolean negated = set.startsWith("!");
        regex.append(negated ? "[^" : "[");
        String members = negated ? set.substring(1) : set;
        for (int i = 0; i < members.length(); i++) {
            char c = members.charAt(i);
            if (c != '-' && !Character.isLetterOrDigit(c)) {
                regex.append('\\');
            }
            regex.append(c);
        }
        regex.append(']');
        return end;
    }

    private static void require(boolean condition, String glob, String problem) {
        if (!condition) {
            throw new IllegalArgumentException("glob '" + glob + "': " + problem);
        }
    }
}
