#!/usr/bin/env perl
# The rules of the source that a script can hold, as TAP.
#
#	tests/style/style.t [TOP]
#
# TOP is the top of the source tree; without it, the tree this file lies in.
# A function over the limits needs a comment with "style: REASON" directly
# above it.  Checks whose tool is not installed are skipped.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Find qw(find);

my $top = abs_path($ARGV[0] // dirname(abs_path($0)) . '/../..');
chdir $top or die "$top: $!\n";

my $LINES_MAX = 500;
my $FUNCTION_MAX = 60;
my $COMPLEXITY_MAX = 14;

# What a layer may include besides itself.
my %below = (
	action => [],
	base => [],
	domain => ['base'],
	store => ['base', 'domain'],
	responder => ['base', 'domain', 'store'],
	dispatcher => ['base', 'domain', 'store'],
	ctl => ['base', 'domain', 'store'],
);
# Headers of libraries that belong to one place.
my %owned = (
	'fcgiapp.h' => qr{^src/responder/fcgi\.c$},
	'libpq-fe.h' => qr{^src/store/},
);
my $banned = join '|', qw(strcpy strcat sprintf vsprintf stpcpy strtok
    strtok_r atoi atol atoll atof gets sscanf vsscanf system popen alloca);
my $verbs = 'select|insert|update|delete|with|alter|create|drop|truncate|set|'
    . 'notify|listen|grant|copy';
my $formatters = 'snprintf|vsnprintf|asprintf|buf_addf|fprintf';
my $secret = '(?:\w*(?:secret|password|token|digest|hmac)|mac|\w+_mac)';

# ---- the files --------------------------------------------------------------
my (@text, @c);

sub wanted
{
	my $name = $File::Find::name =~ s{^\./}{}r;

	if (-d $_ && $_ ne '.') {
		$File::Find::prune = 1 if /^(?:\.git|node_modules|\.deps|var|m4|
		    autom4te\.cache|build-aux|build(?:-.*)?)$/x
		    || -e "$_/config.status";
		return;
	}
	return if !-f $_ || -l $_ || !-T $_;
	return if $name =~ m{^(?:Makefile(?:\.in)?|aclocal\.m4|libtool|stamp-h1
	    |conf(?:igure~?|ig\.(?:log|status|h|h\.in)))$}x;
	return if $name =~ m{(?:^|/)package-lock\.json$|^tests/fuzz/corpus/|
	    \.(?:log|trs|o|a|orig|rej)$}x;
	push @text, $name;
	push @c, $name if $name =~ m{^(?:src|tests)/.*\.[ch]$};
}

find({ wanted => \&wanted }, '.');
@text = sort @text;
@c = sort @c;

sub slurp
{
	my ($file) = @_;

	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	my $s = <$in>;
	return $s // '';
}

# The text with comments blanked (and strings emptied), lines kept.
sub code_of
{
	my ($s, $no_strings) = @_;

	$s =~ s{(/\*.*?\*/|//[^\n]*)|("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')}{
		defined $1 ? $1 =~ s/[^\n]+/ /gr
		    : $no_strings && substr($2, 0, 1) eq '"' ? '""' : $2
	}gse;
	return $s;
}

my %raw = map { $_ => slurp($_) } @c;
my %code = map { $_ => code_of($raw{$_}, 0) } @c;
my %bare = map { $_ => code_of($raw{$_}, 1) } @c;

# Calls f(file, line number, line) for each line; collects what it returns.
sub each_line
{
	my ($set, $files, $f) = @_;
	my @bad;

	for my $file (@$files) {
		my $n = 0;
		for my $line (split /\n/, $set->{$file}) {
			$n++;
			my $why = $f->($file, $n, $line);
			push @bad, "$file:$n: $why" if defined $why;
		}
	}
	return @bad;
}

# ---- TAP --------------------------------------------------------------------
my ($count, $failed) = (0, 0);

sub report
{
	my ($name, @bad) = @_;

	$count++;
	$failed++ if @bad;
	print @bad ? 'not ok' : 'ok', " $count - $name\n";
	print "# $_\n" for @bad;
}

sub skip
{
	my ($name, $why) = @_;

	$count++;
	print "ok $count - $name # skip $why\n";
}

sub have
{
	my ($tool) = @_;

	return grep { -x "$_/$tool" } split /:/, $ENV{PATH} // '';
}

# ---- the checks -------------------------------------------------------------
sub includes_of
{
	my ($file) = @_;

	return $code{$file} =~ /^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]/mg;
}

sub layer_faults
{
	my @bad;

	for my $file (grep { m{^src/} } @c) {
		my ($layer) = $file =~ m{^src/(\w+)/} or next;
		if (!exists $below{$layer}) {
			push @bad, "$file: there is no layer $layer";
			next;
		}
		for my $inc (includes_of($file)) {
			my ($of) = $inc =~ m{^(\w+)/};
			next if !defined $of || !exists $below{$of}
			    || $of eq $layer
			    || grep { $_ eq $of } @{ $below{$layer} };
			push @bad, "$file: $layer must not include $inc";
		}
	}
	return @bad;
}

sub owner_faults
{
	my @bad;

	for my $file (grep { m{^src/} } @c) {
		for my $inc (includes_of($file)) {
			push @bad, "$file: $inc belongs elsewhere"
			    if exists $owned{$inc} && $file !~ $owned{$inc};
			push @bad, "$file: fcgi_stdio.h poisons stdio"
			    if $inc eq 'fcgi_stdio.h';
		}
	}
	return @bad;
}

sub include_order_faults
{
	my @bad;

	for my $file (grep { /\.c$/ } @c) {
		my @inc = includes_of($file);
		push @bad, "$file: config.h is not the first include"
		    if !@inc || $inc[0] ne 'config.h';
		my $own = $file =~ s{^src/(.*)\.c$}{$1.h}r;
		push @bad, "$file: $own is not the second include"
		    if -e "src/$own" && ($inc[1] // '') ne $own;
	}
	return @bad;
}

sub guard_faults
{
	return map { "$_: no include guard" }
	    grep { /\.h$/ && $code{$_} !~ /^\s*#ifndef (\w+)\n#define \1\n/ } @c;
}

sub format_sql_faults
{
	my @bad;

	for my $file (grep { m{^src/} } @c) {
		while ($code{$file} =~ m{\b(?:$formatters)\s*\(([^;]*?)
		    "\s*(?:$verbs)\s[^";]*%[^"]*"}gxi) {
			my $n = 1 + (substr($code{$file}, 0, $-[0]) =~ tr/\n//);
			# words to a person are not SQL
			next if $& !~ /\b(?:from|into|table|where|notify|set
			    |listen|values|role|schema)\b.*%/xis;
			push @bad, "$file:$n: SQL built by formatting";
		}
	}
	return @bad;
}

# The places where clang-format would change these files, one a file.
sub format_faults_of
{
	my @files = @_;

	open my $out, '-|', 'clang-format --dry-run --Werror --style=file '
	    . join(' ', map { "'$_'" } @files) . ' 2>&1'
	    or die "clang-format: $!\n";
	my %seen;
	my @bad = grep { !$seen{ s/:.*//r }++ }
	    map { /^(\S+?:\d+):\d+: error: / ? "$1: run clang-format -i" : () }
	    <$out>;
	return (close($out) || @bad > 0, @bad);
}

# One file can crash it (its alignment of tables), and then it says nothing
# about the others.
sub clang_format_faults
{
	my ($said, @bad) = format_faults_of(@c);

	return @bad if $said;
	for my $file (@c) {
		($said, my @of) = format_faults_of($file);
		push @bad, $said ? @of : "$file: clang-format crashes; put its "
		    . 'table between clang-format off and on';
	}
	return @bad;
}

# Is there a reason in the comment directly above line n?
sub has_reason
{
	my ($file, $n) = @_;
	my @line = split /\n/, $raw{$file};

	for (my $i = $n - 1; $i >= 0 && $line[$i] !~ /^\s*$/ ; $i--) {
		return 1 if $line[$i] =~ /\bstyle: \S/;
		return 0 if $i < $n - 1 && $line[$i] =~ /^}/;
	}
	return 0;
}

sub function_faults
{
	my @bad;

	open my $out, '-|', 'pmccabe', @c or die "pmccabe: $!\n";
	while (<$out>) {
		my ($cc, $lines, $file, $n, $name) =
		    /^(\d+)\t\d+\t\d+\t\d+\t(\d+)\t(\S+)\((\d+)\): (.*)/ or next;
		next if $cc <= $COMPLEXITY_MAX && $lines <= $FUNCTION_MAX;
		next if has_reason($file, $n);
		push @bad, "$file:$n: $name has $lines lines"
		    if $lines > $FUNCTION_MAX;
		push @bad, "$file:$n: $name has complexity $cc"
		    if $cc > $COMPLEXITY_MAX;
	}
	close $out;
	return @bad;
}

report('includes point down only', layer_faults());
report('a library is used in its one place only', owner_faults());
report('config.h first, then the own header', include_order_faults());
report('headers have include guards', guard_faults());
report('no banned calls', each_line(\%bare, \@c, sub {
	return $_[2] =~ /(?<![\w.>])($banned)\s*\(/ ? "$1()" : undef;
}));
my @ours = grep { m{^src/} } @c;
report('secrets are compared in constant time', each_line(\%bare, \@ours, sub {
	# how a secret begins (whsec_) is no secret
	return undef if $_[2] =~ /ncmp\([^;)]*_PREFIX\b/;
	return $_[2] =~ /\b((?:mem|str|strn|strcase|strncase)cmp)\s*\(
	    [^;)]*\b$secret\b(?!\s*\()/xi ? "$1 on a secret" : undef;
}));
report('no SQL built by formatting', format_sql_faults());
report('structs and enums are not typedefed', each_line(\%bare, \@c, sub {
	return $_[2] =~ /\btypedef\s+(?:struct|enum|union)\b/ ? $& : undef;
}));
report("no file over $LINES_MAX lines", map {
	my $n = slurp($_) =~ tr/\n//;
	$n > $LINES_MAX ? "$_: $n lines" : ();
} grep { /\.(?:[ch]|m?js|css|pm)$/ } @text);

my $formatted = 'clang-format leaves every file as it is';
if (!have('clang-format') || !-e '.clang-format') {
	skip($formatted, 'no clang-format');
} else {
	report($formatted, @c ? clang_format_faults() : ());
}
my $small = "functions: complexity <= $COMPLEXITY_MAX, "
    . "lines <= $FUNCTION_MAX";
if (!have('pmccabe')) {
	skip($small, 'no pmccabe');
} else {
	report($small, @c ? function_faults() : ());
}

my %all = map { $_ => slurp($_) } @text;
my $todo = 'TO' . 'DO';
report('no paths of a private machine', each_line(\%all, \@text, sub {
	return $_[2] =~ m{(?<![\w./\$\}-])/(?:work|home|root)/}
	    ? 'a private path' : undef;
}));
report('nothing is left to do', each_line(\%all, \@text, sub {
	return $_[2] =~ /\b$todo\b/ ? $todo : undef;
}));

print "1..$count\n";
exit($failed ? 1 : 0);
