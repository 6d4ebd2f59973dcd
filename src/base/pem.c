#include "config.h"

#include "base/pem.h"

#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/log.h"

/* Nobody is asked for a pass phrase. */
static int
no_phrase(char *out, int size, int writing, void *arg)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)arg;
	return -1;
}

static BIO *
open_text(const char *text)
{
	BIO *b = BIO_new_mem_buf(text, (int)strlen(text));

	if (b == NULL)
		fatal(F_STR("msg", "out of memory"));
	return b;
}

static X509 *
first_certificate(const char *text)
{
	BIO *b = open_text(text);
	X509 *x = PEM_read_bio_X509(b, NULL, no_phrase, NULL);

	BIO_free(b);
	return x;
}

static EVP_PKEY *
private_key(const char *text)
{
	BIO *b = open_text(text);
	EVP_PKEY *k = PEM_read_bio_PrivateKey(b, NULL, no_phrase, NULL);

	BIO_free(b);
	return k;
}

static int64_t
expiry(const X509 *x)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(x), &tm) != 1)
		return 0;
	return (int64_t)timegm(&tm);
}

static void
read_subject(const X509 *x, char out[PEM_SUBJECT_MAX])
{
	BIO *b = BIO_new(BIO_s_mem());
	int n;

	if (b == NULL)
		fatal(F_STR("msg", "out of memory"));
	X509_NAME_print_ex(b, X509_get_subject_name(x), 0, XN_FLAG_RFC2253);
	n = BIO_read(b, out, PEM_SUBJECT_MAX - 1);
	out[n > 0 ? n : 0] = '\0';
	BIO_free(b);
}

bool
pem_read_certificate(const char *text, struct pem_certificate *out)
{
	X509 *x = first_certificate(text);
	bool found = x != NULL;

	if (found) {
		read_subject(x, out->subject);
		out->expires_s = expiry(x);
	}
	X509_free(x);
	ERR_clear_error();
	return found;
}

static enum err
judge(
    X509 *x, EVP_PKEY *k, int64_t now_s, int64_t expires_s, struct errinfo *ei)
{
	if (x == NULL)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "there is no certificate in it; PEM begins with "
		    "-----BEGIN CERTIFICATE-----");
	if (k == NULL)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "there is no private key in it that can be read (one "
		    "without a pass phrase is needed)");
	if (X509_check_private_key(x, k) != 1)
		return err_set(ei, ERR_UNPROCESSABLE,
		    "the private key is not that of the first certificate");
	if (expires_s <= now_s)
		return err_set(
		    ei, ERR_UNPROCESSABLE, "the certificate has expired");
	return ERR_OK;
}

enum err
pem_check_identity(
    const char *text, int64_t now_s, int64_t *expires_s, struct errinfo *ei)
{
	X509 *x = first_certificate(text);
	EVP_PKEY *k = private_key(text);
	int64_t at_s = x != NULL ? expiry(x) : 0;
	enum err e = judge(x, k, now_s, at_s, ei);

	if (expires_s != NULL)
		*expires_s = at_s;
	X509_free(x);
	EVP_PKEY_free(k);
	ERR_clear_error();
	return e;
}
