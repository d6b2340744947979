package dev.laconic.format.tokenizer;

import dev.laconic.core.error.MalformedInputException;
import dev.laconic.format.tokenizer.SentencePieceModel.Algorithm;
import dev.laconic.format.tokenizer.SentencePieceModel.Type;
import java.util.ArrayList;
import java.util.List;

/** Reads a SentencePiece model, a protocol-buffer message of pieces, trainer and normalizer settings. */
final class SentencePieceReader {
    private final String source;
    private final List<String> pieces = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();
    private final List<Type> types = new ArrayList<>();
    private Algorithm algorithm = Algorithm.UNIGRAM;
    private boolean byteFallback;
    private boolean suffixSpace;
    private String unknownSurface = " \u2047 ";
    private int bos = 1;
    private int eos = 2;
    private int pad = -1;
    private byte[] rules = {};
    private boolean addSpace = true;
    private boolean mergeSpaces = true;
    private boolean escapeSpaces = true;

    SentencePieceReader(String source) {
        this.source = source;
    }

    SentencePieceModel read(byte[] bytes) {
        ProtobufReader in = new ProtobufReader(source, bytes);
        while (in.next("model")) {
            switch (in.number()) {
                case 1 -> piece(in.message("pieces[" + pieces.size() + "]"));
                case 2 -> trainer(in.message("trainer_spec"));
                case 3 -> normalizer(in.message("normalizer_spec"));
                default -> in.skip("model");
            }
        }
        if (pieces.isEmpty()) throw new MalformedInputException(source, "pieces", "none", "at least one");
        int unknown = types.indexOf(Type.UNKNOWN);
        if (unknown < 0 || types.lastIndexOf(Type.UNKNOWN) != unknown)
            throw new MalformedInputException(source, "pieces", unknown < 0 ? "no" : "several", "one of type UNKNOWN");
        float[] values = new float[scores.size()];
        for (int i = 0; i < values.length; i++) values[i] = scores.get(i);
        return new SentencePieceModel(
                source,
                List.copyOf(pieces),
                values,
                types.toArray(Type[]::new),
                algorithm,
                byteFallback,
                unknownSurface,
                unknown,
                control(bos),
                control(eos),
                control(pad),
                rules,
                addSpace,
                mergeSpaces,
                escapeSpaces,
                suffixSpace);
    }

    /** Only a control piece can begin, end or fill a text. */
    private int control(int id) {
        return id >= 0 && id < types.size() && types.get(id) == Type.CONTROL ? id : -1;
    }

    private void piece(ProtobufReader in) {
        String field = "pieces[" + pieces.size() + "]";
        String piece = "";
        float score = 0;
        Type type = Type.NORMAL;
        while (in.next(field)) {
            switch (in.number()) {
                case 1 -> piece = in.utf8(field + ".piece");
                case 2 -> score = in.float32(field + ".score");
                case 3 -> type = choice(in.int32(field + ".type"), Type.values(), field + ".type");
                default -> in.skip(field);
            }
        }
        if (piece.isEmpty()) throw new MalformedInputException(source, field + ".piece", "nothing", "a string");
        if (Float.isNaN(score)) throw new MalformedInputException(source, field + ".score", "NaN", "a number");
        pieces.add(piece);
        scores.add(score);
        types.add(type);
    }

    private void trainer(ProtobufReader in) {
        String field = "trainer_spec";
        while (in.next(field)) {
            switch (in.number()) {
                case 3 -> algorithm = choice(in.int32(field + ".model_type"), Algorithm.values(), field + ".model_type");
                case 24 -> suffixSpace = in.int32(field + ".treat_whitespace_as_suffix") != 0;
                case 35 -> byteFallback = in.int32(field + ".byte_fallback") != 0;
                case 41 -> bos = in.int32(field + ".bos_id");
                case 42 -> eos = in.int32(field + ".eos_id");
                case 43 -> pad = in.int32(field + ".pad_id");
                case 44 -> unknownSurface = in.utf8(field + ".unk_surface");
                default -> in.skip(field);
            }
        }
    }

    private void normalizer(ProtobufReader in) {
        String field = "normalizer_spec";
        while (in.next(field)) {
            switch (in.number()) {
                case 2 -> rules = in.bytes(field + ".precompiled_charsmap");
                case 3 -> addSpace = in.int32(field + ".add_dummy_prefix") != 0;
                case 4 -> mergeSpaces = in.int32(field + ".remove_extra_whitespaces") != 0;
                case 5 -> escapeSpaces = in.int32(field + ".escape_whitespaces") != 0;
                default -> in.skip(field);
            }
        }
    }

    /** Enumerations count from 1. */
    private <T> T choice(int number, T[] values, String field) {
        if (number < 1 || number > values.length)
            throw new MalformedInputException(source, field, number, "a number from 1 to " + values.length);
        return values[number - 1];
    }
}
