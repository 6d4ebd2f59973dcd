#!/usr/bin/env perl
# The style test finds what it is there for: each violation, put into a small
# tree that is clean without it, must make the named check fail.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);

my $style = dirname(abs_path($0)) . '/style.t';
my $format = dirname(abs_path($0)) . '/../../.clang-format';
my $head = qq(#include "config.h"\n\n);

my %clean = (
	'src/base/a.h' => "#ifndef A_H\n#define A_H\n\nint a_one(void);\n\n"
	    . "#endif\n",
	'src/base/a.c' => $head . qq(#include "base/a.h"\n\n)
	    . "int\na_one(void)\n{\n\treturn 1;\n}\n",
	'src/store/s.c' => $head . "#include <libpq-fe.h>\n\n"
	    . qq(#include "base/a.h"\n),
	'docs/page.md' => 'See /var/lib/ewa and https://host/' . "work/here.\n",
);

sub body
{
	my ($code) = @_;

	return $head . "int\nf(void)\n{\n$code\treturn 1;\n}\n";
}

my $long = body("\tg();\n" x 60);
my $complex = body(join '', map { "\tif (g($_))\n\t\tg(0);\n" } 1 .. 14);
my $reasoned = $complex =~ s{int\nf}{/* style: a table in code */\nint\nf}r;

my @cases = (
	['a clean tree passes', {}, undef],
	['a higher layer', { 'src/base/b.c' => $head
		. qq(#include "store/s.h"\n) }, 'includes point down only'],
	['one program in another', { 'src/ctl/b.c' => $head
		. qq(#include "responder/http.h"\n) },
	    'includes point down only'],
	['an unknown layer', { 'src/other/b.c' => $head . "extern int x;\n" },
	    'includes point down only'],
	['libpq outside the store', { 'src/ctl/b.c' => $head
		. "#include <libpq-fe.h>\n" },
	    'a library is used in its one place only'],
	['fcgiapp.h outside fcgi.c', { 'src/responder/http.c' => $head
		. "#include <fcgiapp.h>\n" },
	    'a library is used in its one place only'],
	['config.h not first', { 'src/base/b.c' =>
		"#include <stdio.h>\n$head" . "extern int x;\n" },
	    'config.h first, then the own header'],
	['the own header not second', { 'src/base/a.c' =>
		$head . qq(#include <stdio.h>\n\n#include "base/a.h"\n) },
	    'config.h first, then the own header'],
	['no include guard', { 'src/base/b.h' => "int b_one(void);\n" },
	    'headers have include guards'],
	['a banned call', { 'src/base/b.c' => body("\tsprintf(b, \"x\");\n") },
	    'no banned calls'],
	['a banned name in a comment is fine', { 'src/base/b.c' =>
		body("\t/* not sprintf(b) */\n\tg(\"strcpy(a)\");\n") }, undef],
	['a compared secret', { 'src/base/b.c' =>
		body("\tg(strcmp(t->token, given));\n") },
	    'secrets are compared in constant time'],
	['how a secret begins is fine', { 'src/base/b.c' =>
		body("\tg(strncmp(secret, WEBHOOK_PREFIX, 6));\n") }, undef],
	['a header named like a secret is fine', { 'src/base/b.c' =>
		body("\tg(strcmp(t->token_header, \"token\"));\n") }, undef],
	['formatted SQL', { 'src/store/b.c' =>
		body("\tsnprintf(b, n, \"select 1 from %s\", t);\n") },
	    'no SQL built by formatting'],
	['formatted words are fine', { 'src/store/b.c' =>
		body("\tsnprintf(b, n, \"select one of %s\", t);\n") }, undef],
	['a typedef', { 'src/base/b.c' => $head
		. "typedef struct x {\n\tint y;\n} x;\n" },
	    'structs and enums are not typedefed'],
	['a long file', { 'src/base/b.c' => $head . "extern int x;\n" x 499 },
	    'no file over 500 lines'],
	['bad format', { 'src/base/b.c' => body("  g( );\n") },
	    'clang-format leaves every file as it is'],
	['a long function', { 'src/base/b.c' => $long },
	    'functions: complexity <= 14, lines <= 60'],
	['a complex function', { 'src/base/b.c' => $complex },
	    'functions: complexity <= 14, lines <= 60'],
	['a reason lifts the limit', { 'src/base/b.c' => $reasoned }, undef],
	['a reason of another function', { 'src/base/b.c' =>
		$reasoned . ($complex =~ s/^.*?\n//r) },
	    'functions: complexity <= 14, lines <= 60'],
	['a private path', { 'docs/b.md' => 'cd /' . "home/me\n" },
	    'no paths of a private machine'],
	['something left to do', { 'docs/b.md' => 'TO' . "DO: write this\n" },
	    'nothing is left to do'],
);

sub failures
{
	my ($files) = @_;
	my $dir = tempdir(CLEANUP => 1);
	my %tree = (%clean, %$files);

	for my $name (keys %tree) {
		make_path(dirname("$dir/$name"));
		open my $out, '>', "$dir/$name" or die "$name: $!\n";
		print $out $tree{$name};
		close $out or die "$name: $!\n";
	}
	symlink $format, "$dir/.clang-format" or die "symlink: $!\n";
	open my $in, '-|', $^X, $style, $dir or die "style.t: $!\n";
	my @lines = <$in>;
	close $in;
	return ([map { /^not ok \d+ - (.*)/ ? $1 : () } @lines],
	    [map { /^ok \d+ - (.*) # skip/ ? $1 : () } @lines], $? >> 8);
}

my ($n, $bad) = (0, 0);

for my $case (@cases) {
	my ($name, $files, $want) = @$case;
	my ($failed, $skipped, $status) = failures($files);
	my $got = join '; ', @$failed;

	$n++;
	if (defined $want && grep { $_ eq $want } @$skipped) {
		print "ok $n - $name # skip the tool is not installed\n";
		next;
	}
	my $ok = $got eq ($want // '') && $status == (defined $want ? 1 : 0);
	$bad++ if !$ok;
	print $ok ? 'ok' : 'not ok', " $n - $name\n";
	print "# expected: ", $want // 'no failure', "\n# got: $got\n" if !$ok;
}
print "1..$n\n";
exit($bad ? 1 : 0);
