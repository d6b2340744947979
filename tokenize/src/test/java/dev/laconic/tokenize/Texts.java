package dev.laconic.tokenize;

import java.util.random.RandomGenerator;

/** Random texts that tokenizers find hard: scripts mixed, marks, emoji, control characters, runs, special spellings. */
final class Texts {
    private static final String[] ALPHABETS = {
        "abcdefghijklmnopqrstuvwxyz",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "0123456789",
        " \t\n\r\u00a0\u2003\u3000\u000b\f\u0085\u200b\u2028",
        "'’sStTdDmMlLrReEvVſ",
        "!?.,;:-_/\\|@#$%^&*()[]{}<>~`\"=+",
        "àéîõüßñçøåÀÉÎÕÜİ",
        "αβγδεζΑΒΓΔΩᾈς",
        "абвгдеАБВГД",
        "中文字符漢字測試",
        "ひらがなカタカナーﾊﾞ",
        "한국어각힣ᄀ\u1161\u11a8",
        "עברית\u05b8\u05bc",
        "العربية٠١٢٣۰",
        "हिन्दी०१२क़",
        "ไทยภาษาไม่ำ",
        "\u0301\u0300\u0308\u20dd\u0903\u093e",
        "😀👋🏽🇩🇪\u200d♂️🏳️",
        "²³½¾ⅣⅫ①⑳৩൧",
        "𝔘𝔫𝟙𝟚𐍈𠀀",
        "\ufffd\ufeff\ue000\u00ad\u2060\u202e\u0001\u001b\u007f",
        "ʰʱˠªºᵃǅǈǋ",
        "€£¥©®™°±×÷「」、。！？…—“”‘’«»",
        "ﬁﬀＦＵＬＬ１２３㎏Å"
    };
    private static final String[] WORDS = {
        "the", "of", "and", "I'm", "don't", "we'll", "They've", "'S", "'T", "hello", "world", "2024", "12345678",
        "3.14159", "foo_bar", "camelCase", "XMLHttp", "https://x.y/z?a=b", "<|endoftext|>", "<|im_start|>user",
        "<|im_end|>", "<mask>", "[MASK]", "[CLS]", "<s>", "</s>", "<unk>", "<pad>", "<0x41>", "▁", "▁the", "Ġ", "\n\n",
        "    def", "``quoted''", "<extra_id_7>", "<|startoftext|>", "<|assistant|>", "a\u0301\u0323", "re-use", "\r\n"
    };

    private Texts() {}

    /** A text without unpaired surrogates. */
    static String random(RandomGenerator random) {
        StringBuilder out = new StringBuilder();
        int parts = new int[] {1, 2, 3, 5, 8, 13, 30}[random.nextInt(7)];
        String[] chosen = new String[random.nextInt(1, 6)];
        for (int i = 0; i < chosen.length; i++) chosen[i] = ALPHABETS[random.nextInt(ALPHABETS.length)];
        for (int i = 0; i < parts; i++) {
            double kind = random.nextDouble();
            if (kind < 0.3) out.append(WORDS[random.nextInt(WORDS.length)]);
            else if (kind < 0.4) out.append(" ".repeat(random.nextInt(1, 10)));
            else if (kind < 0.45)
                out.append(letter(random, ALPHABETS[random.nextInt(ALPHABETS.length)]).repeat(random.nextInt(1, 40)));
            else {
                String alphabet = chosen[random.nextInt(chosen.length)];
                for (int n = random.nextInt(1, 7); n > 0; n--) out.append(letter(random, alphabet));
            }
            if (random.nextDouble() < 0.3) out.append(new String[] {" ", "\n", " \n", "\r\n", "  "}[random.nextInt(5)]);
        }
        return out.toString();
    }

    private static String letter(RandomGenerator random, String alphabet) {
        int[] letters = alphabet.codePoints().toArray();
        return Character.toString(letters[random.nextInt(letters.length)]);
    }
}
