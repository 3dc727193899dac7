package io.millwright.agent.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** Reads the text of a file, or says why not. */
final class FileText {
  private static final int LARGEST_BYTES = 1 << 20;
  private static final int BYTE_ORDER_MARK = 0xFEFF;

  private final String file;
  private final Problems problems;

  FileText(String file, Problems problems) {
    this.file = file;
    this.problems = problems;
  }

  /** The text of the file; empty when it could not be had, which is then a problem. */
  Optional<String> read(Path path) {
    try {
      if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
        return refuse("not a regular file, allowed is a file of text");
      }
      return decode(content(path));
    } catch (NoSuchFileException absent) {
      return refuse("there is no such file; write it, or name another");
    } catch (AccessDeniedException denied) {
      return refuse("may not be read by this user; allow it with chmod or chown");
    } catch (IOException failure) {
      return refuse("cannot be read: " + Quote.bare(String.valueOf(failure.getMessage()), 200));
    }
  }

  /** The text of the bytes; empty when they are none, which is then a problem. */
  Optional<String> decode(byte[] bytes) {
    if (bytes.length > LARGEST_BYTES) {
      return refuse("larger than 1 MiB, which is the most that is allowed");
    }
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return visible(withoutMark(text));
    } catch (CharacterCodingException notText) {
      return refuse("not UTF-8; save it as UTF-8");
    }
  }

  private static byte[] content(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      return in.readNBytes(LARGEST_BYTES + 1);
    }
  }

  private Optional<String> visible(String text) {
    int line = 1;
    int column = 1;
    boolean visible = true;
    for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
      int c = text.codePointAt(i);
      if (!isLayout(c) && Quote.isControl(c)) {
        visible = false;
        problems.add(
            new Place.Line(file, line, column),
            "the control character " + Quote.name(c) + " is not allowed; remove it");
      }
      column = c == '\n' ? 1 : column + 1;
      line += c == '\n' ? 1 : 0;
    }
    return visible ? Optional.of(text) : Optional.empty();
  }

  private static boolean isLayout(int c) {
    return c == '\n' || c == '\r' || c == '\t';
  }

  private static String withoutMark(String text) {
    return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
  }

  private Optional<String> refuse(String what) {
    problems.add(new Place.WholeFile(file), what);
    return Optional.empty();
  }
}
