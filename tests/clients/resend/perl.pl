# One call by a Perl HTTP client, as its users write it; README.md says what the environment says.
#
#   perl.pl HTTP::Tiny|LWP

use strict;
use warnings;

use JSON::PP;

my ($client) = @ARGV;
my ($base, $method) = @ENV{qw(BASE_URL METHOD)};
my ($warm_up, $switched_off) = ($ENV{CONNECTION} eq 'reused', $ENV{RETRY} eq 'off');
my $health = "$base/_sandbox/health";
my %headers = ('X-Api-Key' => $ENV{API_KEY}, 'Content-Type' => 'application/json');
my $json = JSON::PP->new->canonical;
my ($url, $update) = ("$base/api/admin/v2/orders?status=pending,processing&productType=manual&limit=1", undef);
if ($method eq 'POST') {
    $url = "$base/api/admin/v2/orders-update";
    $update = $json->encode({ order => $ENV{ORDER} + 0, status => 'processing' });
}

sub by_tiny {
    require HTTP::Tiny;
    my $http = HTTP::Tiny->new;
    $http->get($health) if $warm_up;
    my %options = (headers => \%headers);
    $options{content} = $update if defined $update;
    if ($switched_off) {
        # It is asked for the address before each attempt.
        my $attempts = 0;
        $options{peer} = sub { die "no answer\n" if $attempts++; $_[0] };
    }
    my $response = $http->request($method, $url, \%options);
    return (HTTP::Tiny->VERSION, 'error', $response->{content}) if $response->{status} == 599;
    return (HTTP::Tiny->VERSION, $response->{status} + 0, length($response->{content}) . ' bytes');
}

sub by_lwp {
    require LWP::UserAgent;
    my $agent = LWP::UserAgent->new(keep_alive => 1);
    $agent->get($health) if $warm_up;
    my $request = HTTP::Request->new($method, $url, [%headers], $update);
    my $response = $agent->request($request);
    # It makes an answer of its own when there is none.
    my $is_own = ($response->header('Client-Warning') // '') eq 'Internal response';
    return (LWP->VERSION, 'error', $response->status_line) if $is_own;
    return (LWP->VERSION, $response->code + 0, length($response->content) . ' bytes');
}

my ($version, $outcome, $message) = $client eq 'LWP' ? by_lwp() : by_tiny();
print $json->encode({ version => $version, outcome => $outcome, message => $message }), "\n";
